package org.caprl.trainer.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that saves without pause is killed (SIGKILL) three times. */
class KilledRunTest {
    @TempDir
    Path temp;

    @Test
    @Timeout(120)
    void theNewestVisibleCheckpointIsAlwaysWhole() throws Exception {
        Path source = temp.resolve("tiny");
        Path runs = temp.resolve("runs");
        Random random = new Random(7);
        int before = 0;
        try (TinyPolicy policy = new TinyPolicy(source)) {
            for (int kill = 0; kill < 3; kill++) {
                saveAndKill(runs, source, random.nextInt(200));
                try (RunDirectory run = RunDirectory.open(runs, CheckpointLoop.NAME, CheckpointLoop.CONFIG)) {
                    Checkpoint latest = run.latest().orElseThrow();
                    int step = latest.state().step();
                    assertTrue(step > before, "kill " + kill + " came after step " + before + ", now at " + step);
                    assertEquals(policy.state(step), latest.state());
                    latest.restore(policy.model, policy.optimizer);
                    assertTrue(policy.isAt(step), "checkpoint " + step);
                    assertEquals(IntStream.rangeClosed(1, step).boxed().toList(),
                            MetricsFile.read(run.metricsFile()).stream().map(StepMetrics::step).toList());
                    assertEquals(step, list(run.path().resolve("samples")).size());
                    assertEquals("step-" + step + "\n", Files.readString(run.path().resolve("latest")));
                    assertEquals(List.of(), list(run.path().resolve("checkpoints")).stream().filter(n -> n.startsWith(".")).toList());
                    assertEquals(List.of(".lock", "checkpoints", "config.yaml", "latest", "metrics.jsonl", "samples"), list(run.path()));
                    before = step;
                }
            }
        }
    }

    /** Kills the process {@code delay} milliseconds after it saved a step. */
    private void saveAndKill(Path runs, Path source, int delay) throws IOException, InterruptedException {
        Path errors = temp.resolve("errors");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                CheckpointLoop.class.getName(), runs.toString(), source.toString())
                .redirectError(errors.toFile()).start();
        try (BufferedReader saved = process.inputReader()) {
            assertNotNull(saved.readLine(), () -> "the process ended by itself: " + read(errors));
            Thread.sleep(delay);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(128 + 9, process.exitValue(), () -> "not killed: " + read(errors));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
