package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSynthCommandTest {
    @TempDir
    Path folder;

    @Test
    void writesBothFilesAndTheirImages() throws IOException {
        Path out = folder.resolve("shapes");
        Ran ran = Ran.caprl("data", "synth", "--out", out.toString(), "--train", "3", "--eval", "2", "--seed", "7");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertEquals(3, Files.readAllLines(out.resolve("train.jsonl")).size());
        assertEquals(2, Files.readAllLines(out.resolve("eval.jsonl")).size());
        try (var images = Files.list(out.resolve("images"))) {
            assertEquals(5, images.count());
        }
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        Ran ran = Ran.caprl("data", "synth", "--out", folder.toString(), "--train", "1", "--eval", "1");
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains(folder.toString()), ran.err());
        assertEquals("mine", Files.readString(folder.resolve("mine.txt")));
    }
}
