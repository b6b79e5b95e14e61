package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Blob;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Conversion.Listener QUIET = (done, total) -> { };

    @TempDir
    Path folder;

    private static List<JsonNode> rows(Path jsonl) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(jsonl)) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String fails(Path from, String to) {
        List<Path> before = files();
        String message = assertThrows(InputException.class, () -> Conversion.run(from, folder.resolve(to), QUIET)).getMessage();
        assertEquals(before, files(), "nothing is written");
        return message;
    }

    @Test
    void thereAndBackWithoutLoss() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 37);
        Files.writeString(json, Files.readString(json).replace("\"data_source\": \"shapes\"",
                "\"data_source\": \"it's \\\"<q>\\\"\\n – \\u0001 ok\", \"extra\": {\"a\": [1, 2], \"b\": 0.1, "
                        + "\"c\": [], \"d\": [[{\"e\": true}]]}"));
        List<Long> heard = new ArrayList<>();
        assertEquals(37, Conversion.run(json, folder.resolve("p.parquet"), (done, total) -> heard.add(100 * done + total)));
        assertEquals(37, heard.size());
        assertEquals(3737, heard.getLast());
        assertEquals(37, Conversion.run(folder.resolve("p.parquet"), folder.resolve("back/b.jsonl"), QUIET));
        List<JsonNode> before = rows(json);
        List<JsonNode> after = rows(folder.resolve("back/b.jsonl"));
        assertEquals(before.size(), after.size());
        for (int i = 0; i < before.size(); i++) {
            String path = before.get(i).at("/image/path").asText();
            assertEquals("b-images/" + path, after.get(i).at("/image/path").asText());
            assertArrayEquals(Files.readAllBytes(folder.resolve(path)), Files.readAllBytes(folder.resolve("back/b-images").resolve(path)));
            ((ObjectNode) before.get(i)).remove("image");
            ((ObjectNode) after.get(i)).remove("image");
            assertEquals(before.get(i), after.get(i));
        }
        // The way back again gives the same Parquet file, so paths don't grow.
        Conversion.run(folder.resolve("back/b.jsonl"), folder.resolve("again.parquet"), QUIET);
        assertEquals(parquet(folder.resolve("p.parquet")), parquet(folder.resolve("again.parquet")));
    }

    private static List<String> parquet(Path file) {
        List<String> rows = new ArrayList<>();
        try (DuckDb db = DuckDb.start()) {
            db.query(file, "SELECT md5(image.bytes), image.path, id, data_source, reward_model, prompt FROM read_parquet('" + file + "')",
                    row -> rows.add(row.getString(1) + row.getString(2) + row.getString(3) + row.getString(4) + row.getString(5)
                            + row.getString(6)));
        }
        return rows;
    }

    @Test
    void duckDbReadsWhatIsWritten() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 5);
        Path parquet = folder.resolve("p.parquet");
        Conversion.run(json, parquet, QUIET);
        List<String> types = new ArrayList<>();
        List<byte[]> images = new ArrayList<>();
        try (DuckDb db = DuckDb.start()) {
            db.query(parquet, "DESCRIBE SELECT * FROM '" + parquet + "'", row -> types.add(row.getString(1) + " " + row.getString(2)));
            db.query(parquet, "SELECT image.bytes FROM '" + parquet + "' ORDER BY id", row -> {
                Blob blob = row.getBlob(1);
                images.add(blob.getBytes(1, (int) blob.length()));
            });
        }
        assertEquals(List.of("id VARCHAR", "image STRUCT(bytes BLOB, path VARCHAR)", "prompt STRUCT(role VARCHAR, \"content\" VARCHAR)[]",
                "data_source VARCHAR", "reward_model STRUCT(ground_truth STRUCT(question VARCHAR, choices VARCHAR[], answer VARCHAR)[])"),
                types.stream().map(t -> t.replace("\"role\"", "role")).toList());
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(Files.readAllBytes(folder.resolve("images/json" + i + ".png")), images.get(i));
        }
    }

    @Test
    void severalImagesARowAndPathsThatCantBeNames() throws IOException {
        Path parquet = DataFixture.write(folder.resolve("p.parquet"), """
                SELECT * FROM (VALUES ('a/b', [{'bytes': '\\x89PNG1'::BLOB, 'path': NULL}, {'bytes': '2'::BLOB, 'path': '../up.png'}]),
                    ('c', [{'bytes': '3'::BLOB, 'path': '/etc/x.png'}]), ('d', [{'bytes': '4'::BLOB, 'path': 'same.png'}]),
                    ('e', [{'bytes': '5'::BLOB, 'path': 'SAME.png'}]), ('f', [{'bytes': '6'::BLOB, 'path': 'same.png/in.png'}]),
                    ('A_b', [{'bytes': '7'::BLOB, 'path': 'sub/.hidden'}])) t(id, image)""", "");
        Conversion.run(parquet, folder.resolve("r.jsonl"), QUIET);
        List<String> paths = new ArrayList<>();
        StringBuilder bytes = new StringBuilder();
        try (FileSource source = FileSource.open(folder.resolve("r.jsonl"), RowUse.ANY, BadRows.FAIL, 0)) {
            for (CaptionSample sample : source) {
                sample.images().forEach(image -> paths.add(folder.relativize(Path.of(image.name())).toString()));
                sample.images().forEach(image -> bytes.append((char) image.bytes()[image.bytes().length - 1]));
            }
        }
        assertEquals(List.of("r-images/a_b-1.png", "r-images/a_b-2.bin", "r-images/c.bin", "r-images/same.png", "r-images/e.bin",
                "r-images/f.bin", "r-images/A_b.bin"), paths);
        assertEquals("1234567", bytes.toString());
        Conversion.run(folder.resolve("r.jsonl"), folder.resolve("again.parquet"), QUIET);
        List<String> again = new ArrayList<>();
        try (FileSource source = FileSource.open(folder.resolve("again.parquet"), RowUse.ANY, BadRows.FAIL, 0)) {
            source.forEach(sample -> sample.images().forEach(image -> again.add(sample.id() + image.bytes().length)));
        }
        assertEquals(List.of("a/b5", "a/b1", "c1", "d1", "e1", "f1", "A_b1"), again);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id": "row1"              | "id": "row0"                        | has the id 'row0' too
            json1.png                 | nowhere.png                         | no image file
            "data_source": "shapes"   | "data_source": 7                    | 'data_source': is BIGINT here and VARCHAR in rows before
            "data_source": "shapes"   | "x": {}                             | 'x': an object without keys
            "data_source": "shapes"   | "x": 12345678901234567890           | 'x': the number 12345678901234567890 is outside of 64 bits
            "data_source": "shapes"   | "ID": 1                             | keys 'id' and 'ID' differ only in their case
            {"path": "images/json1.png"} | {"path": "images/json1.png", "w": 2} | 'image' has the key 'w'
            {"id": "row1"             | ["id"                               | not JSON
            """)
    void whatParquetCantHoldIsAnErrorWithItsLine(String good, String bad, String message) throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 2);
        List<String> lines = Files.readAllLines(json);
        assertTrue(lines.get(1).contains(good), good);
        Files.write(json, List.of(lines.get(0), lines.get(1).replace(good, bad)));
        String error = fails(json, "p.parquet");
        assertTrue(error.startsWith(json + ":2: ") && error.contains(message), error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "*, DATE '2026-01-01' AS day                                 | column 'day' has type DATE, which JSON can't hold without loss",
        "*, {'deep': ['x'::BLOB]} AS more                             | column 'more.deep[]' has type BLOB",
        "* REPLACE ({'bytes': 'x'::BLOB, 'w': 3} AS image)            | column 'image.w' has no place in JSON rows",
        "*, 'nan'::DOUBLE AS x                                        | row 0: a value has no form in JSON",
        "* REPLACE ({'bytes': NULL::BLOB, 'path': 'no.png'} AS image) | row 0: no image file"})
    void whatJsonCantHoldIsAnErrorAndLeavesNothing(String columns, String message) {
        Path file = DataFixture.write(folder.resolve("p.parquet"), "SELECT " + columns + " FROM (" + DataFixture.PUBLISHED.formatted(2)
                + ")", "");
        String error = fails(file, "r.jsonl");
        assertTrue(error.startsWith(file.toString()) && error.contains(message), error);
    }

    @Test
    void namesAndTargetsAreCheckedFirst() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 2);
        assertTrue(fails(json, "rows.csv").contains("ends in .parquet or .jsonl"));
        assertTrue(fails(json, "other.jsonl").contains("is in JSONL, as"));
        assertTrue(fails(folder.resolve("none.jsonl"), "p.parquet").contains("no data file"));
        Files.writeString(folder.resolve("p.parquet"), "mine");
        assertTrue(fails(json, "p.parquet").contains("exists"));
        Path parquet = DataFixture.write(folder.resolve("q.parquet"), DataFixture.PUBLISHED.formatted(2), "");
        Files.createDirectories(folder.resolve("r-images"));
        Files.writeString(folder.resolve("r-images/mine"), "mine");
        assertTrue(fails(parquet, "r.jsonl").contains("not empty"));
        assertFalse(Files.exists(folder.resolve("r.jsonl")));
    }

    @Test
    void manyFilesBecomeOneInOrder() throws IOException {
        DataFixture.jsonl(folder, "a", 3);
        Path b = DataFixture.jsonl(folder, "b", 3);
        Files.writeString(b, Files.readString(b).replace("\"row", "\"other"));
        Path parquet = folder.resolve("p.parquet");
        Conversion.run(folder.resolve("?.jsonl"), parquet, QUIET);
        try (FileSource source = FileSource.open(parquet, RowUse.QUESTIONS, BadRows.FAIL, 0)) {
            assertEquals(List.of("row0", "row1", "row2", "other0", "other1", "other2"), DataFixture.all(source));
        }
    }
}
