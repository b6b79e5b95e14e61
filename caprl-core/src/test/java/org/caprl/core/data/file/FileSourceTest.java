package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.Fact;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.RowUse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileSourceTest {
    private static final String GOOD = """
            {"id": "%s", "image": {"path": "images/a.png"}, "prompt": [{"role": "user", "content": "<image> Describe."}], \
            "data_source": "shapes", \
            "reward_model": {"ground_truth": [{"question": "What colour is the circle?", "choices": ["A) red", "B) blue"], "answer": "B"}]}}
            """;

    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void image() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        Files.write(folder.resolve("images/a.png"), new byte[] {1});
        file = folder.resolve("rows.jsonl");
    }

    @Test
    void readsTheContractsRow() throws IOException {
        Files.writeString(file, "\n" + GOOD.formatted("000017"));
        try (FileSource source = open(BadRows.FAIL)) {
            CaptionSample sample = source.iterator().next();
            assertEquals("000017", sample.id());
            assertEquals(List.of(new ImageOnDisk(folder.resolve("images/a.png"))), sample.images());
            assertEquals(List.of(new PromptTurn("user", "<image> Describe.")), sample.prompt());
            assertEquals("shapes", sample.dataSource());
            assertEquals(List.of(new QaItem("What colour is the circle?", List.of("red", "blue"), 1)), sample.questions());
            assertEquals(Optional.empty(), sample.caption());
        }
    }

    @Test
    void aRowWithoutPromptAsksTheDefault() throws IOException {
        Files.writeString(file, GOOD.formatted("1").replaceFirst("\"prompt\": \\[[^]]*], ", ""));
        try (FileSource source = open(BadRows.FAIL)) {
            assertEquals(List.of(new PromptTurn("user", "<image> Please describe this image in detail.")), source.next().prompt());
        }
    }

    @Test
    void writtenRowsAreReadBackEqual() throws IOException {
        CaptionSample sample = new CaptionSample("7", List.of(new ImageOnDisk(folder.resolve("images/a.png"))),
                CaptionSample.defaultPrompt(1), "shapes", List.of(new QaItem("Where?", List.of("top", "left", "center"), 2)),
                Optional.of("A \"circle\" – ok."), List.of(Fact.parse("circle place top left")));
        JsonlWriter.write(file, List.of(CaptionRow.write(sample, folder)).iterator());
        try (FileSource source = open(BadRows.FAIL)) {
            assertEquals(sample, source.next());
        }
    }

    @Test
    void aRowThatFailsLeavesNothing() throws IOException {
        Iterator<ObjectNode> rows = Stream.of(1, 0).map(i -> JsonNodeFactory.instance.objectNode().put("n", 1 / i)).iterator();
        assertThrows(ArithmeticException.class, () -> JsonlWriter.write(folder.resolve("sub/rows.jsonl"), rows));
        try (Stream<Path> left = Files.list(folder.resolve("sub"))) {
            assertEquals(0, left.count());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id": "2"                 | "id": ""                | no 'id'
            "id": "2"                 | "id": "1"               | rows.jsonl:1 too
            {"id"                     | {{"id"                  | not JSON
            {"id"                     | [], {"id"               | not JSON
            "shapes"                  | 7                       | 'data_source' is not a text
            images/a.png              | images/b.png            | no image file
            {"path": "images/a.png"}  | {}                      | no 'image.path'
            <image> Describe.         | Describe.               | has 0 <image> marks for 1 image
            <image> Describe.         | <image><image>          | has 2 <image> marks for 1 image
            "role": "user"            | "role": "assistant"     | the last turn
            "role": "user"            | "role": "robot"         | role 'robot'
            , "answer": "B"           | ``                      | no right answer
            "answer": "B"             | "answer": "J"           | no right answer
            "answer": "B"             | "answer": "green"       | no right answer
            "A) red", "B) blue"       | "A) red"                | has 1 choice; give 2 to 5
            "answer": "B"             | "answer": "B", "a": 1, "a": 2 | Duplicate
            ["A) red", "B) blue"]     | "red"                   | has 1 choice; give 2 to 5
            ["A) red", "B) blue"]     | 7                       | neither a list nor a text
            "B) blue"                 | "blue"                  | label all as in 'A) red', or none
            "B) blue"                 | "C) blue"               | expected 'B) text'
            "B) blue"                 | "B) red"                | the same choice twice
            "B) blue" | "B) blue", "C) c", "D) d", "E) e", "F) f" | has 6 choices; give 2 to 5
            """)
    void aBadRowIsAnErrorWithItsPlaceOrIsCounted(String good, String bad, String message) throws IOException {
        String row = GOOD.formatted("2");
        assertTrue(row.contains(good), good);
        Files.writeString(file, GOOD.formatted("1") + "\n" + row.replace(good, bad));
        InputException error = assertThrows(InputException.class, () -> open(BadRows.FAIL).close());
        assertTrue(error.getMessage().startsWith(file + ":3: "), error.getMessage());
        assertTrue(error.getMessage().contains(message), error.getMessage());
        try (FileSource source = open(BadRows.SKIP)) {
            assertEquals(1, source.size().orElseThrow());
            assertEquals(1, source.skipped());
            assertEquals(error.getMessage(), source.firstSkipped());
        }
    }

    @Test
    void noRowNoFileNoQuestionNoCaptionAreErrors() throws IOException {
        assertTrue(assertThrows(InputException.class, () -> open(BadRows.FAIL)).getMessage().contains("no data file"));
        Files.writeString(file, "\n  \n");
        assertTrue(assertThrows(InputException.class, () -> open(BadRows.SKIP)).getMessage().contains("no usable row"));
        Files.writeString(file, GOOD.formatted("1"));
        assertTrue(assertThrows(InputException.class, () -> FileSource.open(file, RowUse.CAPTION, BadRows.FAIL, 0)).getMessage()
                .contains(":1: no caption to learn from"));
        Files.writeString(file, GOOD.formatted("1").replaceFirst("\\{\"question.*\"B\"}", ""));
        assertTrue(assertThrows(InputException.class, () -> open(BadRows.FAIL)).getMessage().contains(":1: no questions"));
    }

    @Test
    void everyEpochHasEachSampleOnceInItsOwnOrderAndResumesAtTheCursor() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 11; i++) {
            rows.append(GOOD.formatted("row" + i));
        }
        Files.writeString(file, rows);
        List<String> ids = new ArrayList<>();
        List<Cursor> cursors = new ArrayList<>();
        try (FileSource source = open(BadRows.FAIL)) {
            for (int i = 0; i < 33; i++) {
                cursors.add(source.cursor());
                ids.add(source.next().id());
            }
        }
        for (int epoch = 0; epoch < 3; epoch++) {
            assertEquals(11, new HashSet<>(ids.subList(11 * epoch, 11 * epoch + 11)).size());
        }
        assertNotEquals(ids.subList(0, 11), ids.subList(11, 22));
        for (int from : new int[] {0, 5, 11, 12, 22, 30}) {
            try (FileSource source = open(BadRows.FAIL)) {
                source.next();
                source.seek(cursors.get(from));
                for (int i = from; i < 33; i++) {
                    assertEquals(ids.get(i), source.next().id());
                }
            }
        }
        try (FileSource source = open(BadRows.FAIL)) {
            assertThrows(InputException.class, () -> source.seek(new Cursor(3, 0, 12)));
        }
    }

    private FileSource open(BadRows badRows) {
        return FileSource.open(file, RowUse.QUESTIONS, badRows, 3);
    }
}
