package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.caprl.core.config.ConfigDocs;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.SftConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    @TempDir
    Path folder;

    /** The repository's root: tests run in a module's folder or in the root itself. */
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("caprl")) ? here : here.getParent();
    }

    @Test
    void thePageInTheDocsIsWhatTheCommandPrints() throws IOException {
        Path page = root().resolve("docs/config.md");
        assertEquals(Ran.caprl("config").out(), Files.readString(page),
                "docs/config.md is not what the command prints; write it anew: ./caprl config > docs/config.md");
    }

    @Test
    void everyKeyIsOnThePage() {
        String page = Ran.caprl("config").out();
        ConfigDocs.keys(RunConfig.class).forEach(row -> assertTrue(page.contains("| `" + row.path() + "` |"), row.path()));
        String sft = Ran.caprl("config", "--sft").out();
        ConfigDocs.keys(SftConfig.class).forEach(row -> assertTrue(sft.contains("| `" + row.path() + "` |"), row.path()));
        assertTrue(page.endsWith(sft));
    }

    @Test
    void theSchemaIsJsonAndKnowsTheKeys() throws IOException {
        JsonNode schema = new JsonMapper().readTree(Ran.caprl("config", "--schema").out());
        assertEquals("number", schema.at("/properties/trainer/properties/lr/type").asText());
        assertEquals("caprl sft", new JsonMapper().readTree(Ran.caprl("config", "--schema", "--sft").out()).get("title").asText());
    }

    @Test
    void resolvedMeansEveryKeyWithItsValue() throws IOException {
        Path file = folder.resolve("sft.yaml");
        Files.writeString(file, "output: out\nmodel: {path: " + folder + "}\ndata: {synth: policy}\ntrainer: {steps: 3}\n");
        Ran ran = Ran.caprl("config", "--sft", "--resolve", file.toString(), "trainer.lr=0.5");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.out().contains("  lr: 0.5\n") && ran.out().contains("  max_grad_norm: 1.0\n"), ran.out());
        Path resolved = folder.resolve("resolved.yaml");
        Files.writeString(resolved, ran.out());
        assertEquals(ran.out(), Ran.caprl("config", "--sft", "--resolve", resolved.toString()).out());
    }

    @Test
    void allMistakesOfAFileAreTold() throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, "run: {nam: x}\nseed: many\n");
        Ran ran = Ran.caprl("config", "--resolve", file.toString());
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertEquals("", ran.out());
        assertTrue(ran.err().contains("run.yaml:1") && ran.err().contains("run.yaml:2")
                && ran.err().contains("did you mean name?"), ran.err());
    }

    @Test
    void anOverrideWithoutAFileIsWrongUsage() {
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("config", "trainer.lr=1").code());
    }
}
