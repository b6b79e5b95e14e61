package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataPathsTest {
    @TempDir
    Path folder;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(folder.resolve("sub"));
        for (String name : List.of("b-1.parquet", "b-0.parquet", "a.jsonl", ".b-2.parquet.tmp", "sub/b-9.parquet", "x[1].jsonl")) {
            Files.writeString(folder.resolve(name), "");
        }
    }

    private List<String> names(String named) {
        return DataPaths.of(folder.resolve(named)).stream().map(path -> folder.relativize(path).toString()).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a.jsonl                  | a.jsonl",
        "b-*.parquet              | b-0.parquet b-1.parquet",
        "b-?.parquet              | b-0.parquet b-1.parquet",
        "{a,b-1}.*                | a.jsonl b-1.parquet",
        "*/b-*.parquet            | sub/b-9.parquet",
        "**.parquet               | b-0.parquet b-1.parquet sub/b-9.parquet",
        "x[1].jsonl               | x[1].jsonl"})
    void aFileOrAllThatMatchInOrder(String named, String expected) {
        assertEquals(List.of(expected.split(" ")), names(named));
        assertTrue(DataPaths.exist(folder.resolve(named)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "c.jsonl      | no data file ",
        "c-*.jsonl    | no data file matches ",
        "none/*.jsonl | no data file matches ",
        "sub          | is a folder; name the files in it, such as "})
    void nothingThereIsAnError(String named, String message) {
        String error = assertThrows(InputException.class, () -> names(named)).getMessage();
        assertTrue(error.contains(message), error);
    }

    @Test
    void aGlobWithoutFilesDoesNotExist() {
        assertFalse(DataPaths.exist(folder.resolve("c-*.jsonl")));
    }
}
