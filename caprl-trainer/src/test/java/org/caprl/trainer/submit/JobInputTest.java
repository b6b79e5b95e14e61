package org.caprl.trainer.submit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.caprl.core.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobInputTest {
    @TempDir
    private Path folder;
    private Path config;

    @BeforeEach
    void aConfigurationWithAModelBesideIt() throws IOException {
        config = Files.writeString(folder.resolve("run.yaml"), """
                run: {name: x, output: /shared/runs}
                data: {train: rows/train.jsonl, eval: /data/eval.parquet}
                policy: {path: models/policy}
                answerer: {path: /models/answerer}
                trainer: {steps: 1, prompts_per_step: 1, lr: 1e-4}
                """);
        for (String file : List.of("models/policy/config.json", "models/policy/sub/w.bin", "models/other/config.json", "rows/train.jsonl",
                "rows/images/a.png")) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), file);
        }
    }

    @Test
    void whatLiesBesideTheConfigurationGoesAlongAndTheRestMustBeThere() {
        JobInput input = JobInput.of(config, List.of("seed=2"));
        assertEquals(Set.of("run.yaml", "models/policy/config.json", "models/policy/sub/w.bin", "rows/train.jsonl", "rows/images/a.png"),
                input.files().files().keySet());
        assertEquals(List.of("seed=2", "data.train=rows/train.jsonl", "policy.path=models/policy", "ray.address=auto"), input.overrides());
        assertEquals(List.of("packed: data.train = rows/train.jsonl", "must be on the nodes: data.eval = /data/eval.parquet",
                "packed: policy.path = models/policy", "must be on the nodes: answerer.path = /models/answerer"), input.notes());
        assertEquals("run.yaml", input.config());
    }

    @Test
    void aModelOfTheCommandLineIsFoundInThePackageToo() {
        JobInput input = JobInput.of(config, List.of("policy.path=" + folder.resolve("models/other"), "ray.address=10.0.0.1:6379"));
        assertTrue(input.files().files().containsKey("models/other/config.json"), input.files().files().toString());
        assertTrue(input.overrides().contains("policy.path=models/other"), input.overrides().toString());
        assertTrue(!input.overrides().contains("ray.address=auto"));
    }

    @Test
    void whatCouldNotBeFoundOnTheClusterIsNamedAllAtOnce() {
        InputException failure = assertThrows(InputException.class,
                () -> JobInput.of(config, List.of("run.output=runs", "answerer.path=elsewhere/answerer")));
        assertTrue(failure.getMessage().contains("run.output is runs")
                && failure.getMessage().contains("answerer.path is elsewhere/answerer"), failure.getMessage());
    }

    @Test
    void aMistakeInTheConfigurationIsFoundHere() {
        assertTrue(assertThrows(InputException.class, () -> JobInput.of(config, List.of("trainer.stepz=1")))
                .getMessage().contains("stepz"));
    }

    @Test
    void largeModelsAreNotPacked() throws IOException {
        try (RandomAccessFile large = new RandomAccessFile(folder.resolve("models/policy/w.safetensors").toFile(), "rw")) {
            large.setLength(JobInput.MOST_BYTES + 1);
        }
        assertTrue(assertThrows(InputException.class, () -> JobInput.of(config, List.of()))
                .getMessage().contains("at most 64 MB are packed"));
    }

    @Test
    void aPackageIsNamedByItsContents() throws IOException {
        JobPackage once = JobInput.of(config, List.of()).files();
        assertEquals(once.name(), JobInput.of(config, List.of("seed=2")).files().name());
        Files.writeString(folder.resolve("rows/images/a.png"), "other");
        assertNotEquals(once.name(), JobInput.of(config, List.of()).files().name());
        assertNotEquals(JobPackage.of(new TreeMap<>(Map.of("a", JobPackage.Content.of("b")))).name(),
                JobPackage.of(new TreeMap<>(Map.of("b", JobPackage.Content.of("a")))).name());
    }

    @Test
    void theArchiveHoldsTheFiles() throws IOException {
        List<String> seen = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(JobInput.of(config, List.of()).files().zipped()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String content = new String(zip.readAllBytes());
                seen.add(entry.getName().equals("run.yaml") ? entry.getName() : content);
            }
        }
        assertEquals(List.of("models/policy/config.json", "models/policy/sub/w.bin", "rows/images/a.png", "rows/train.jsonl", "run.yaml"),
                seen);
    }

    @Test
    void wordsReachTheCommandAsTheyAre() throws IOException, InterruptedException {
        List<String> words = List.of("a=b", "policy.lora={r: 16, x: 'y'}", "it's", "$HOME `id` \"q\" \\");
        List<String> command = new ArrayList<>(List.of("printf '%s\\n'"));
        words.forEach(w -> command.add(Submission.quoted(w)));
        Process shell = new ProcessBuilder("sh", "-c", String.join(" ", command)).start();
        assertEquals(String.join("\n", words) + "\n", new String(shell.getInputStream().readAllBytes()));
        assertEquals(0, shell.waitFor());
    }
}
