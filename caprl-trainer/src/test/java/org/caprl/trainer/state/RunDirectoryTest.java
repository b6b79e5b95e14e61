package org.caprl.trainer.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    private static final String CONFIG = """
            run:
              output: runs
              name: first
            seed: 1
            threads: 2
            trainer:
              lr: 1.0e-5
              steps: 20
            """;

    @TempDir
    Path temp;

    private Path runs;
    private TinyPolicy policy;

    @BeforeEach
    void make() {
        runs = temp.resolve("runs");
        policy = new TinyPolicy(temp.resolve("tiny"));
    }

    @AfterEach
    void close() {
        policy.close();
    }

    @Test
    void aNewRunHasItsConfigAndNoCheckpoint() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            assertEquals(Optional.empty(), run.latest());
            assertEquals("first", run.name());
            assertEquals(CONFIG, Files.readString(run.path().resolve("config.yaml")));
            assertEquals(List.of(".lock", "config.yaml", "metrics.jsonl"), names(run.path()));
        }
    }

    @Test
    void weightsAndMomentsComeBackInPlaceToTheBit() {
        try (RunDirectory run = open(CONFIG)) {
            policy.setTo(5);
            save(run, 5, 2);
        }
        policy.setTo(9);
        try (RunDirectory run = open(CONFIG)) {
            Checkpoint latest = run.latest().orElseThrow();
            assertEquals(policy.state(5), latest.state());
            latest.restore(policy.model, policy.optimizer);
            assertTrue(policy.isAt(5));
            assertFalse(policy.isAt(9));
        }
    }

    @Test
    void aCheckpointIsAFolderThatModelsAreLoadedFrom() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            policy.setTo(5);
            Checkpoint saved = save(run, 5, 2);
            assertEquals(runs.resolve("first/checkpoints/step-5"), saved.folder());
            try (CausalLm loaded = Models.load(saved.folder(), policy.ops)) {
                assertEquals(policy.model.params().all().keySet(), loaded.params().all().keySet());
            }
            assertTrue(names(saved.folder()).containsAll(List.of("config.json", "tokenizer.json", "model.safetensors", "train_state")));
            assertEquals(List.of("optimizer.safetensors", "state.json"), names(saved.folder().resolve("train_state")));
        }
    }

    @Test
    void theNewestCheckpointsAreKept() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            for (int step : List.of(2, 9, 10, 11)) {
                save(run, step, 2);
                assertEquals("step-" + step + "\n", Files.readString(run.path().resolve("latest")));
            }
            assertEquals(List.of("step-10", "step-11"), names(run.path().resolve("checkpoints")));
            save(run, 12, 0);
            assertEquals(List.of("step-10", "step-11", "step-12"), names(run.path().resolve("checkpoints")));
            save(run, 12, 1);
            assertEquals(List.of("step-12"), names(run.path().resolve("checkpoints")));
        }
    }

    @Test
    void whatComesAfterTheCheckpointIsCutBack() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            for (int step = 0; step <= 4; step++) {
                run.metrics().append(StepMetrics.at(step).put(MetricKey.REWARD_MEAN, step).build());
                run.samples().write(step, List.of());
                if (step == 2) {
                    save(run, step, 2);
                }
            }
        }
        try (RunDirectory run = open(CONFIG)) {
            assertEquals(List.of(0, 1, 2), MetricsFile.read(run.metricsFile()).stream().map(StepMetrics::step).toList());
            assertEquals(List.of("step-0.jsonl", "step-1.jsonl", "step-2.jsonl"), names(run.path().resolve("samples")));
        }
    }

    @Test
    void whatAKillLeftIsNeitherSeenNorKept() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            save(run, 1, 0);
            save(run, 2, 0);
        }
        Path run = runs.resolve("first");
        Files.createDirectories(run.resolve("checkpoints/.step-3.tmp-0123456789abcdef/train_state"));
        Files.createFile(run.resolve("checkpoints/.step-3.tmp-0123456789abcdef.lock"));
        Files.createFile(run.resolve(".latest.tmp-0123456789abcdef"));
        for (String latest : List.of("step-1\n", "", "missing")) {
            if (latest.equals("missing")) {
                Files.delete(run.resolve("latest"));
            } else {
                Files.writeString(run.resolve("latest"), latest);
            }
            try (RunDirectory again = open(CONFIG)) {
                assertEquals(2, again.latest().orElseThrow().state().step());
            }
            assertEquals("step-2\n", Files.readString(run.resolve("latest")));
            assertEquals(List.of("step-1", "step-2"), names(run.resolve("checkpoints")));
            assertEquals(List.of(".lock", "checkpoints", "config.yaml", "latest", "metrics.jsonl"), names(run));
        }
    }

    @Test
    void aRunKilledBeforeItHadItsConfigBegins() throws IOException {
        Files.createDirectories(runs.resolve("first"));
        Files.createFile(runs.resolve("first/.lock"));
        Files.createFile(runs.resolve("first/.config.yaml.tmp-0123456789abcdef"));
        try (RunDirectory run = open(CONFIG)) {
            assertEquals(List.of(".lock", "config.yaml", "metrics.jsonl"), names(run.path()));
        }
    }

    @Test
    void aDamagedCheckpointIsNamedAndNotPassedOver() throws IOException {
        try (RunDirectory run = open(CONFIG)) {
            save(run, 1, 0);
            save(run, 2, 0);
        }
        Path damaged = runs.resolve("first/checkpoints/step-2");
        Files.writeString(damaged.resolve("train_state/state.json"), "{\"step\": 2,");
        String message = assertThrows(InputException.class, () -> open(CONFIG)).getMessage();
        assertTrue(message.contains("remove the damaged checkpoint " + damaged), message);
        AtomicDirectory.delete(damaged);
        try (RunDirectory run = open(CONFIG)) {
            assertEquals(1, run.latest().orElseThrow().state().step());
        }
    }

    @Test
    void anotherConfigurationIsRefusedWithEveryKeyAndBothValues() {
        open(CONFIG).close();
        String other = CONFIG.replace("1.0e-5", "3.0e-5").replace("seed: 1", "seed: 2").replace("threads: 2", "threads: 8")
                .replace("output: runs", "output: elsewhere");
        String message = assertThrows(InputException.class, () -> open(other)).getMessage();
        assertTrue(message.contains("\n  seed: 1 -> 2\n  trainer.lr: 1.0e-5 -> 3.0e-5\n"), message);
        assertFalse(message.contains("threads:") || message.contains("run.output: "), message);
        open(CONFIG.replace("threads: 2", "threads: 8")).close();
    }

    @Test
    void placementMayDifferUnlessItChangesTheNumbers() {
        String with = CONFIG + "ray: {address: none, overlap: %s, rollout: {actors: 2}}%n";
        open(CONFIG).close();
        open(with.formatted("reward")).close();
        String message = assertThrows(InputException.class, () -> open(with.formatted("step"))).getMessage();
        assertTrue(message.contains("\n  ray.overlap: (absent) -> step\n"), message);
        assertFalse(message.contains("ray.rollout"), message);
    }

    @Test
    void freshTakesTheNextFreeName() throws IOException {
        for (String expected : List.of("first", "first-2", "first-3")) {
            try (RunDirectory run = RunDirectory.openFresh(runs, "first", name -> CONFIG.replace("first", name))) {
                assertEquals(expected, run.name());
                assertTrue(Files.readString(run.path().resolve("config.yaml")).contains("name: " + expected + "\n"));
            }
        }
    }

    @Test
    void oneProcessAtATime() {
        try (RunDirectory run = open(CONFIG)) {
            String message = assertThrows(InputException.class, () -> open(CONFIG)).getMessage();
            assertTrue(message.contains(run.path() + " is in use by process " + ProcessHandle.current().pid()), message);
        }
        open(CONFIG).close();
    }

    @Test
    void aFolderOfSomethingElseIsLeftAlone() throws IOException {
        Path folder = Files.createDirectories(runs.resolve("first"));
        Files.writeString(folder.resolve("thesis.tex"), "x");
        String message = assertThrows(InputException.class, () -> open(CONFIG)).getMessage();
        assertTrue(message.contains("is no run"), message);
        assertTrue(names(folder).contains("thesis.tex"));
    }

    @Test
    void aPlaceThatCanNotBeWrittenIsSaidBeforeTraining() throws IOException {
        Files.createFile(runs);
        String message = assertThrows(InputException.class, () -> open(CONFIG)).getMessage();
        assertTrue(message.contains(runs.toString()) && message.contains("a file where a folder belongs"), message);
    }

    @Test
    void aCheckpointThatWillNotFitIsSaidBeforeTraining() {
        try (RunDirectory run = open(CONFIG)) {
            run.requireSpace(Checkpoint.bytes(policy.model));
            String message = assertThrows(RunStoppedException.class, () -> run.requireSpace(Long.MAX_VALUE)).getMessage();
            assertTrue(message.startsWith("no space for a checkpoint in " + run.path()), message);
        }
    }

    private RunDirectory open(String config) {
        return RunDirectory.open(runs, "first", config);
    }

    private Checkpoint save(RunDirectory run, int step, int keep) {
        return run.save(policy.state(step), policy.writer(step), keep);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
