package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.trainer.config.Configs;
import org.caprl.trainer.config.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
    private static final String SYNTH = "data.synth={train: 3, eval: 2, seed: 5}";

    @TempDir
    Path folder;

    private RunConfig config(String... more) throws IOException {
        String[] overrides = new String[more.length + 2];
        overrides[0] = "data.train=" + folder.resolve("shapes/train.jsonl");
        overrides[1] = "data.eval=" + folder.resolve("shapes/eval.jsonl");
        System.arraycopy(more, 0, overrides, 2, more.length);
        return Configs.run(folder, overrides);
    }

    private static int made(RunConfig config) {
        List<String> log = new ArrayList<>();
        DataFiles.ensure(config, log::add);
        return log.size();
    }

    @Test
    void madeOnce() throws IOException {
        assertEquals(1, made(config(SYNTH)));
        Path train = folder.resolve("shapes/train.jsonl");
        assertEquals(3, Files.readAllLines(train).size());
        Files.writeString(train, "mine");
        assertEquals(0, made(config(SYNTH)));
        assertEquals("mine", Files.readString(train));
    }

    @Test
    void withoutSynthAMissingFileIsNamed() throws IOException {
        RunConfig config = config();
        String message = assertThrows(InputException.class, () -> made(config)).getMessage();
        assertTrue(message.contains("data.train = " + folder.resolve("shapes/train.jsonl")), message);
    }

    @Test
    void oneOfTwoFilesIsNotCompleted() throws IOException {
        Files.createDirectories(folder.resolve("shapes"));
        Files.writeString(folder.resolve("shapes/train.jsonl"), "mine");
        RunConfig config = config(SYNTH);
        String message = assertThrows(InputException.class, () -> made(config)).getMessage();
        assertTrue(message.contains("data.eval = ") && message.contains("both or none"), message);
    }

    @Test
    void otherNamesThanThoseThatAreMadeAreRefusedBeforeAnythingIsMade() throws IOException {
        RunConfig config = config(SYNTH, "data.eval=" + folder.resolve("shapes/held-out.jsonl"));
        String message = assertThrows(InputException.class, () -> made(config)).getMessage();
        assertTrue(message.contains("held-out.jsonl"), message);
        assertFalse(Files.exists(folder.resolve("shapes")));
    }
}
