package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandsTest {
    @TempDir
    Path folder;
    private Path train;

    @BeforeEach
    void data() {
        Ran ran = Ran.caprl("data", "synth", "--out", folder.resolve("data").toString(), "--train", "4", "--eval", "1", "--seed", "7");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        train = folder.resolve("data/train.jsonl");
    }

    private Path converted() {
        Path parquet = folder.resolve("train.parquet");
        Ran ran = Ran.caprl("data", "convert", train.toString(), parquet.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.err().contains("wrote 4 rows to " + parquet), ran.err());
        return parquet;
    }

    @Test
    void convertedDataAreGoodAndShownAlike() throws IOException {
        Path parquet = converted();
        for (Path file : new Path[] {train, parquet}) {
            Ran check = Ran.caprl("data", "check", file.toString());
            assertEquals(ExitCode.DONE, check.code(), check.err());
            assertEquals("4 rows, 0 bad\n", check.out());
            Ran show = Ran.caprl("data", "show", file.toString(), "--rows", "2");
            assertEquals(ExitCode.DONE, show.code(), show.err());
            assertTrue(show.out().contains("  caption       VARCHAR") && show.out().contains("  rows          4\n"), show.out());
            assertTrue(show.out().contains("train-000001") && !show.out().contains("train-000002"), show.out());
        }
        Path page = folder.resolve("page.html");
        assertEquals(ExitCode.DONE, Ran.caprl("data", "show", parquet.toString(), "--html", page.toString()).code());
        assertTrue(Files.readString(page).contains("data:image/png;base64,"));
        Ran again = Ran.caprl("data", "show", parquet.toString(), "--html", page.toString());
        assertEquals(ExitCode.WRONG_INPUT, again.code());
        assertTrue(again.err().contains(page + " exists"), again.err());
    }

    @Test
    void badRowsAreListedWithCodeOne() throws IOException {
        Files.writeString(train, Files.readString(train).replace("train-000002.png", "gone.png") + "{}\n");
        Ran check = Ran.caprl("data", "check", train.toString());
        assertEquals(ExitCode.CHECK_FAILED, check.code(), check.err());
        assertTrue(check.out().contains(train + ":3: no image file") && check.out().contains(train + ":5: no 'image.path'"), check.out());
        assertTrue(check.out().endsWith("5 rows, 2 bad\n"), check.out());
        JsonNode json = new JsonMapper().readTree(Ran.caprl("data", "check", train.toString(), "--json").out());
        assertEquals(5, json.get("rows").asInt());
        assertEquals(train + ":3", json.at("/bad/0/place").asText());
        Ran convert = Ran.caprl("data", "convert", train.toString(), folder.resolve("x.parquet").toString());
        assertEquals(ExitCode.WRONG_INPUT, convert.code());
        assertTrue(convert.err().startsWith("caprl: " + train + ":3: no image file"), convert.err());
        assertFalse(Files.exists(folder.resolve("x.parquet")));
    }

    @Test
    void whatIsNoDataIsWrongInput() throws IOException {
        Path file = Files.writeString(folder.resolve("page.parquet"), "<html>");
        for (String command : new String[] {"check", "show"}) {
            Ran ran = Ran.caprl("data", command, file.toString());
            assertEquals(ExitCode.WRONG_INPUT, ran.code());
            assertTrue(ran.err().contains(file + " is no Parquet file"), ran.err());
        }
    }
}
