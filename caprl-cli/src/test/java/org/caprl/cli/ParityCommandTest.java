package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
    private static final String FAMILY = "qwen2_untied";

    @TempDir
    private Path folder;

    @Test
    void jsonIsOneArrayAndPasses() throws IOException {
        copyFamily();
        Ran ran = Ran.caprl("parity", folder.toString(), "--family", FAMILY, "--json");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode rows = new JsonMapper().readTree(ran.out());
        assertFalse(rows.isEmpty());
        rows.forEach(row -> assertEquals("pass", row.get("verdict").asText(), row::toString));
    }

    @Test
    void aDifferenceEndsWithOne() throws IOException {
        copyFamily();
        Path template = folder.resolve(FAMILY).resolve("checkpoint/chat_template.jinja");
        Files.writeString(template, Files.readString(template).replace("<|im_start|>", "<|im_end|>"));
        Ran ran = Ran.caprl("parity", folder.toString());
        assertEquals(ExitCode.CHECK_FAILED, ran.code(), ran.err());
        assertTrue(ran.out().contains("1 fail"), ran.out());
    }

    @Test
    void unsupportedIsAFailureOnlyWhereAskedForByName() throws IOException {
        copyFamily();
        Path config = folder.resolve(FAMILY).resolve("checkpoint/config.json");
        Files.writeString(config, Files.readString(config).replace("\"qwen2\"", "\"qwen9\""));
        assertEquals(ExitCode.DONE, Ran.caprl("parity", folder.toString()).code());
        Ran named = Ran.caprl("parity", folder.toString(), "--family", FAMILY);
        assertEquals(ExitCode.CHECK_FAILED, named.code());
        assertTrue(named.out().contains("unsupported"), named.out());
    }

    @Test
    void wrongDirectoriesFamiliesAndBackendsEndWithTwo() throws IOException {
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("parity", folder.toString()).code());
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("parity", folder.resolve("absent").toString()).code());
        copyFamily();
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("parity", folder.toString(), "--family", "qwen2_untied,nobody").code());
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("parity", folder.toString(), "--backend", "abacus").code());
    }

    private void copyFamily() throws IOException {
        Path from = Golden.require(FAMILY);
        for (String part : List.of("checkpoint", "cases/chat")) {
            Path to = Files.createDirectories(folder.resolve(FAMILY).resolve(part));
            try (Stream<Path> files = Files.list(from.resolve(part))) {
                for (Path file : files.toList()) {
                    Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
                }
            }
        }
    }
}
