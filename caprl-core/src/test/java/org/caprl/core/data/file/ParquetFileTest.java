package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.Fact;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.RowUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetFileTest {
    @TempDir
    Path folder;

    private Path published(String name, int rows) {
        return DataFixture.write(folder.resolve(name), DataFixture.PUBLISHED.formatted(rows), "");
    }

    private FileSource open(Path named, BadRows badRows) {
        return FileSource.open(named, RowUse.QUESTIONS, badRows, 3);
    }

    @Test
    void readsThePublishedLayout() {
        try (FileSource source = open(published("a.parquet", 3), BadRows.FAIL)) {
            CaptionSample sample = source.iterator().next();
            assertEquals("row0", sample.id());
            assertEquals(folder.resolve("a.parquet") + ", row 0, image", sample.images().getFirst().name());
            assertEquals("image 0", new String(sample.images().getFirst().bytes(), StandardCharsets.US_ASCII));
            assertEquals(List.of(new PromptTurn("user", "<image> Describe.")), sample.prompt());
            assertEquals("shapes", sample.dataSource());
            assertEquals(List.of(new QaItem("What is it, 0?", List.of("red", "blue"), 1)), sample.questions());
            assertEquals(Optional.empty(), sample.caption());
            assertEquals(3, source.size().orElseThrow());
        }
    }

    @Test
    void columnsInAnyOrderMoreColumnsAndOtherFormsOfThem() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        Files.write(folder.resolve("images/b.png"), new byte[] {7});
        Path file = DataFixture.write(folder.resolve("a.parquet"), """
                SELECT {'style': 'rule', 'ground_truth': [{'answer': 'A', 'choices': ['A) a', 'B) b'], 'question': 'Q?', 'level': 2}]} \
                AS reward_model,
                    [{'path': 'x', 'bytes': 'one'::BLOB}, {'path': 'images/b.png', 'bytes': NULL}] AS image, 17::SMALLINT AS id,
                    'A "caption" – ok.' AS caption, ['circle place top left'] AS facts, {'index': 4} AS extra_info, \
                DATE '2026-01-01' AS day""", "");
        try (FileSource source = open(file, BadRows.FAIL)) {
            CaptionSample sample = source.next();
            assertEquals("17", sample.id());
            assertArrayEquals("one".getBytes(StandardCharsets.US_ASCII), sample.images().getFirst().bytes());
            assertEquals(new ImageOnDisk(folder.resolve("images/b.png")), sample.images().getLast());
            assertEquals(2, sample.prompt().getFirst().images());
            assertEquals(Optional.of("A \"caption\" – ok."), sample.caption());
            assertEquals(List.of(Fact.parse("circle place top left")), sample.facts());
            assertEquals(new QaItem("Q?", List.of("a", "b"), 0), sample.questions().getFirst());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'question': 'Q?', 'choices': 'A) a' || chr(10) || 'B) b', 'answer': 'B)'}",
        "{'question': 'Q?' || chr(10) || '   - A) a' || chr(10) || '   - B) b', 'answer': 'b'}",
        "['Q?' || chr(10) || '   - A) a' || chr(10) || '   - B) b', 'B']", "{'question': 'Q?', 'choices': ['a', 'b'], 'answer': 'B'}"})
    void questionsOfEveryForm(String question) {
        Path file = DataFixture.write(folder.resolve("forms.parquet"), "SELECT '1' AS id, {'ground_truth': [" + question
                + "]} AS reward_model, {'path': 'x', 'bytes': 'one'::BLOB} AS image", "");
        try (FileSource source = open(file, BadRows.FAIL)) {
            assertEquals(List.of(new QaItem("Q?", List.of("a", "b"), 1)), source.next().questions());
        }
    }

    @Test
    void withoutAnIdColumnARowsIdIsItsFileAndNumber() {
        Path file = DataFixture.write(folder.resolve("part-0.parquet"), "SELECT * EXCLUDE id FROM (" + DataFixture.PUBLISHED.formatted(2)
                + ")", "");
        try (FileSource source = open(file, BadRows.FAIL)) {
            assertEquals(List.of("part-0-0", "part-0-1"), DataFixture.all(source));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "* EXCLUDE image                              | no column 'image', expected of type STRUCT(bytes BLOB, path VARCHAR)",
        "* EXCLUDE reward_model                       | no column 'reward_model', expected of type STRUCT(ground_truth STRUCT(",
        "* REPLACE ('x' AS image)                     | column 'image' has type VARCHAR, expected STRUCT(bytes BLOB, path VARCHAR)",
        "* REPLACE ({'bytes': 'x'} AS image)          | column 'image.bytes' has type VARCHAR, expected BLOB",
        "* REPLACE ({'path': 'x'} AS image)           | no column 'image.bytes', expected of type BLOB",
        "* REPLACE (1.5 AS id)                        | column 'id' has type DECIMAL(2,1), expected VARCHAR",
        "* REPLACE (prompt[1] AS prompt)              | column 'prompt' has type STRUCT(role VARCHAR, content VARCHAR), expected STRUCT(",
        "* REPLACE ([{'role': 'user'}] AS prompt)     | no column 'prompt[].content', expected of type VARCHAR",
        "* REPLACE ({'ground_truth': '[]'} AS reward_model) | column 'reward_model.ground_truth' has type VARCHAR, expected "
                + "STRUCT(question",
        "*, 7 AS caption                              | column 'caption' has type INTEGER, expected VARCHAR"})
    void anotherSchemaIsOneErrorWithColumnExpectedAndFoundType(String columns, String message) {
        Path file = DataFixture.write(folder.resolve("a.parquet"), "SELECT " + columns + " FROM (" + DataFixture.PUBLISHED.formatted(1)
                + ")", "");
        for (BadRows badRows : BadRows.values()) {
            InputException error = assertThrows(InputException.class, () -> open(file, badRows));
            assertTrue(error.getMessage().startsWith(file + ": " + message), error.getMessage());
            assertTrue(error.getMessage().contains("CapRL-QA-75K"), error.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "CASE i WHEN 1 THEN NULL ELSE id END AS id                                            | no 'id'",
        "'row0' AS id                                                                         | is that of FILE, row 0 too",
        "CASE i WHEN 1 THEN NULL ELSE image END AS image                                      | no 'image.path'",
        "CASE i WHEN 1 THEN {'bytes': NULL, 'path': 'nowhere.png'} ELSE image END AS image    | no image file",
        "CASE i WHEN 1 THEN NULL ELSE reward_model END AS reward_model                        | no questions",
        "[{'role': 'user', 'content': CASE i WHEN 1 THEN 'x' ELSE '<image>' END}] AS prompt    | has 0 <image> marks",
        "{'ground_truth': [{'question': 'Q?', 'choices': ['A) a', CASE i WHEN 1 THEN 'b' ELSE 'B) b' END], 'answer': 'A'}]} AS reward_model"
                + " | label all as in 'A) red', or none"})
    void aBadRowIsAnErrorWithItsPlaceOrIsCounted(String column, String message) {
        String query = DataFixture.PUBLISHED.formatted(2).replace("SELECT 'row'", "SELECT i, 'row'");
        Path file = DataFixture.write(folder.resolve("a.parquet"), "SELECT * EXCLUDE i REPLACE (" + column + ") FROM (" + query + ")", "");
        InputException error = assertThrows(InputException.class, () -> open(file, BadRows.FAIL));
        assertTrue(error.getMessage().startsWith(file + ", row 1: "), error.getMessage());
        assertTrue(error.getMessage().contains(message.replace("FILE", file.toString())), error.getMessage());
        try (FileSource source = open(file, BadRows.SKIP)) {
            assertEquals(List.of("row0"), DataFixture.all(source));
            assertEquals(1, source.skipped());
            assertEquals(error.getMessage(), source.firstSkipped());
        }
    }

    @Test
    void aDamagedFileAndOneThatOnlyHasTheNameAreErrorsThatNameIt() throws IOException {
        Path file = published("a.parquet", 40);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        String message = assertThrows(InputException.class, () -> open(file, BadRows.FAIL)).getMessage();
        assertTrue(message.startsWith("can't read " + file + " as Parquet: ") && message.contains("fetch or write it again"), message);
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");
        message = assertThrows(InputException.class, () -> open(file, BadRows.FAIL)).getMessage();
        assertTrue(message.contains("is no Parquet file: it doesn't begin with PAR1"), message);
        DataFixture.write(file, DataFixture.PUBLISHED.formatted(0), "");
        message = assertThrows(InputException.class, () -> open(file, BadRows.FAIL)).getMessage();
        assertTrue(message.contains("has no usable row"), message);
    }

    /** DuckDB would take the one for a column and the other for a glob. */
    @Test
    void aPathMeansTheFileAndNothingElse() throws IOException {
        Path keyed = published(Files.createDirectory(folder.resolve("split=train")).resolve("a'b.parquet").toString(), 2);
        Conversion.run(keyed, folder.resolve("a.jsonl"), (done, total) -> { });
        assertTrue(Files.readAllLines(folder.resolve("a.jsonl")).stream().noneMatch(line -> line.contains("split")));
        Path glob = Files.copy(keyed, folder.resolve("x[1].parquet"));
        String message = assertThrows(InputException.class, () -> open(glob, BadRows.FAIL)).getMessage();
        assertTrue(message.contains("the path " + glob + " has one of * ? ["), message);
    }

    @Test
    void theOrderIsThatOfTheSameRowsInJsonlAndResumesAtTheCursorAcrossRowGroupsAndFiles() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 50);
        DataFixture.write(folder.resolve("p-0.parquet"), DataFixture.PUBLISHED.formatted(50) + " WHERE i < 21", "ROW_GROUP_SIZE 4");
        DataFixture.write(folder.resolve("p-1.parquet"), DataFixture.PUBLISHED.formatted(50) + " WHERE i >= 21", "ROW_GROUP_SIZE 7");
        try (FileSource lines = open(json, BadRows.FAIL); FileSource parquet = open(folder.resolve("p-*.parquet"), BadRows.FAIL)) {
            assertEquals(IntStream.range(0, 50).mapToObj(i -> "row" + i).toList(), DataFixture.all(parquet));
            DataFixture.next(parquet, 61);
            Cursor cursor = parquet.cursor();
            assertEquals(new Cursor(3, 1, 11), cursor);
            List<String> rest = DataFixture.next(parquet, 60);
            assertEquals(DataFixture.next(lines, 121).subList(61, 121), rest);
            try (FileSource again = open(folder.resolve("p-*.parquet"), BadRows.FAIL)) {
                again.seek(cursor);
                assertEquals(rest, DataFixture.next(again, 60));
            }
            for (int i = 0; i < 20; i++) {
                CaptionSample sample = parquet.next();
                assertEquals("image " + sample.id().substring(3), new String(sample.images().getFirst().bytes(),
                        StandardCharsets.US_ASCII));
            }
        }
    }
}
