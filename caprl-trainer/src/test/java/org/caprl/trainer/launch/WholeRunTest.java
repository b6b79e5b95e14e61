package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.data.JsonlRow;
import org.caprl.core.data.file.Conversion;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.tensor.MemoryOwner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of two tiny random models on drawn images: repeated, killed, continued, refused. */
class WholeRunTest {
    private static final int STEPS = 5;
    private static final String MODEL = "model.safetensors";

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static Path config;
    /** The run that nothing disturbs. */
    private static Path undisturbed;

    @BeforeAll
    static void oneRun() throws IOException {
        runs = TinyRun.write(temp, STEPS, "", "");
        config = runs.file();
        undisturbed = run();
    }

    @Test
    void theSameSeedGivesTheSameMetricsAndAnotherDoesNot() throws IOException {
        Path again = run("run.name=again", "trainer.steps=" + STEPS);
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(again));
        assertSameCheckpoint(again, STEPS);
        List<StepMetrics> metrics = TinyRun.repeatable(run("run.name=other-seed", "seed=4", "trainer.steps=1", "trainer.save_every=0"));
        assertNotEquals(TinyRun.repeatable(undisturbed).subList(0, 2), metrics);
    }

    @Test
    void threadsDoNotChangeTheNumbers() throws IOException {
        Path two = run("run.name=two-threads", "threads=2", "trainer.save_every=0");
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(two));
        assertSameCheckpoint(two, STEPS);
    }

    /** Killed with SIGKILL in a step, while a checkpoint is written, and after one. */
    @Test
    @Timeout(300)
    void aKilledRunGoesOnAsIfNothingHadHappened() throws Exception {
        Path run = temp.resolve("runs/killed");
        Path checkpoints = run.resolve("checkpoints");
        killWhen(() -> lines(run.resolve("metrics.jsonl")) >= 2);
        boolean during = false;
        for (int attempt = 0; attempt < 3 && !during; attempt++) {
            Set<String> before = TinyRun.names(checkpoints);
            killWhen(() -> TinyRun.names(checkpoints).stream().anyMatch(n -> isAside(n) && !before.contains(n)));
            during = TinyRun.names(checkpoints).stream().anyMatch(n -> isAside(n) && !before.contains(n));
        }
        assertTrue(during, "no kill came during the write of a checkpoint");
        assertFalse(Files.exists(checkpoints.resolve("step-" + STEPS)), "the run was over before it was killed");
        int next = (int) TinyRun.names(checkpoints).stream().filter(n -> n.startsWith("step-")).count() + 1;
        killWhen(() -> Files.exists(checkpoints.resolve("step-" + Math.min(next, STEPS - 1))));

        assertEquals(run.toRealPath(), run("run.name=killed").toRealPath());
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        for (int step = 1; step <= STEPS; step++) {
            assertSameCheckpoint(run, step);
        }
        assertEquals(TinyRun.files(undisturbed.resolve("samples")), TinyRun.files(run.resolve("samples")));
        assertEquals(Set.of(), TinyRun.names(checkpoints).stream().filter(WholeRunTest::isAside).collect(Collectors.toSet()));
    }

    /** The ids are the same, so the order and every draw are. */
    @Test
    void dataInParquetGiveTheSameRunAndItGoesOnFromACheckpoint() throws IOException {
        for (String name : List.of("train", "eval")) {
            Conversion.run(temp.resolve("data/" + name + ".jsonl"), temp.resolve("parquet/" + name + "-0.parquet"), (done, total) -> { });
        }
        String[] overrides = {"run.name=parquet", "data.train=" + temp.resolve("parquet/train-*.parquet"),
            "data.eval=" + temp.resolve("parquet/eval-0.parquet"), "data.synth=null"};
        Path run = run(overrides);
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        assertEquals(TinyRun.files(undisturbed.resolve("samples")), TinyRun.files(run.resolve("samples")));
        assertSameCheckpoint(run, STEPS);

        for (int step = 3; step <= STEPS; step++) {
            AtomicDirectory.delete(run.resolve("checkpoints/step-" + step));
        }
        assertEquals(run, run(overrides));
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        assertSameCheckpoint(run, STEPS);
    }

    @Test
    void heldOutRowsOfTheTrainingDataAreNeverTrainedOn() throws IOException {
        Path run = run("run.name=holdout", "data.eval=null", "data.synth=null", "data.holdout=0.3", "eval.images=0",
                "trainer.save_every=0");
        Set<String> held = ids(run.resolve("samples/eval-step-0.jsonl"));
        assertTrue(held.size() > 1 && held.size() < 20, held.toString());
        for (int step = 1; step <= STEPS; step++) {
            Set<String> trained = ids(run.resolve("samples/step-" + step + ".jsonl"));
            assertTrue(trained.stream().noneMatch(held::contains), trained + " " + held);
        }
    }

    private static Set<String> ids(Path samples) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (JsonlRow row : JsonlRow.readAll(samples)) {
            ids.add(row.id(row.object()));
        }
        return ids;
    }

    @Test
    void anotherConfigurationIsRefusedAndFreshTakesTheNextName() throws IOException {
        Path first = run("run.name=twice", "trainer.steps=1", "trainer.save_every=0");
        byte[] metrics = Files.readAllBytes(first.resolve("metrics.jsonl"));
        InputException refused = assertThrows(InputException.class, () -> run("run.name=twice", "trainer.steps=1", "trainer.save_every=0",
                "trainer.lr=0.5"));
        assertTrue(refused.getMessage().contains("trainer.lr") && refused.getMessage().contains("--fresh"), refused.getMessage());
        assertArrayEquals(metrics, Files.readAllBytes(first.resolve("metrics.jsonl")));
        runs.launch(new ByteArrayOutputStream(), true, "run.name=twice", "trainer.steps=1", "trainer.save_every=0");
        assertEquals(TinyRun.repeatable(first), TinyRun.repeatable(temp.resolve("runs/twice-2")));
    }

    @Test
    void withoutLearningRateTheWeightsStayAsTheyAre() throws IOException {
        Path control = run("run.name=control", "trainer.lr=0", "trainer.shuffle_rewards=true", "trainer.steps=2", "trainer.save_every=0");
        try (SafeTensorsFile before = SafeTensorsFile.open(temp.resolve("policy").resolve(MODEL));
                SafeTensorsFile after = SafeTensorsFile.open(control.resolve("checkpoints/step-2").resolve(MODEL));
                SafeTensorsFile trained = SafeTensorsFile.open(undisturbed.resolve("checkpoints/step-2").resolve(MODEL))) {
            assertEquals(before.names(), after.names());
            boolean moved = false;
            for (String name : before.names()) {
                assertArrayEquals(before.floats(name), after.floats(name), name);
                moved |= !Arrays.equals(before.floats(name), trained.floats(name));
            }
            assertTrue(moved, "the run with a learning rate did not learn either");
        }
    }

    /** Captions differ in length from step to step, and so do all batches. */
    @Test
    void memoryDoesNotGrowWithTheSteps() {
        int steps = 20;
        Path run = run("run.name=memory", "trainer.steps=" + steps, "trainer.save_every=0", "trainer.eval_every=0", "trainer.lr=1e-3");
        List<StepMetrics> all = MetricsFile.read(run.resolve("metrics.jsonl"));
        double[] held = all.stream().mapToDouble(m -> m.get(MetricKey.memory("native_held")).orElseThrow()).toArray();
        assertEquals(held[5], held[steps], "held after each step: " + Arrays.toString(held));
        for (MemoryOwner owner : MemoryOwner.values()) {
            assertTrue(all.stream().skip(1).allMatch(m -> m.get(MetricKey.memory(owner.key())).orElseThrow() > 0), owner.key());
        }
    }

    @Test
    void everyStepHasTheKeysOfTheContract() {
        List<StepMetrics> all = MetricsFile.read(undisturbed.resolve("metrics.jsonl"));
        assertEquals(STEPS + 1, all.size());
        for (StepMetrics m : all) {
            boolean evaluated = m.step() % 2 == 0 || m.step() == STEPS;
            for (MetricKey key : MetricKey.CONSTANTS) {
                boolean eval = key.name().startsWith("eval/");
                assertEquals(eval ? evaluated : m.step() > 0, m.get(key).isPresent(), key + " of step " + m.step());
            }
        }
        assertTrue(all.stream().skip(1).allMatch(m -> m.get(MetricKey.LOGPROB_GAP_MAX).orElseThrow() <= 1e-4));
        assertTrue(all.stream().skip(1).allMatch(m -> m.get(MetricKey.COUNT_IMAGE_ENCODES).orElseThrow() >= 2));
    }

    @Test
    void nanInACheckpointIsNamedBeforeTheRunBegins() throws IOException {
        Path broken = temp.resolve("nan");
        Files.createDirectories(broken);
        for (String name : TinyRun.names(temp.resolve("policy"))) {
            Files.copy(temp.resolve("policy").resolve(name), broken.resolve(name));
        }
        byte[] bytes = Files.readAllBytes(broken.resolve(MODEL));
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
        Files.write(broken.resolve(MODEL), bytes);
        InputException refused = assertThrows(InputException.class, () -> run("run.name=nan", "policy.path=" + broken));
        assertTrue(refused.getMessage().startsWith(broken.resolve(MODEL) + ": tensor '") && refused.getMessage().contains("holds NaN"),
                refused.getMessage());
        assertFalse(Files.exists(temp.resolve("runs/nan")));
    }

    @Test
    void aRunThatDivergesKeepsItsLastCheckpoint() throws IOException {
        String[] overrides = {"run.name=diverged", "trainer.lr=1e30"};
        assertThrows(RunStoppedException.class, () -> run(overrides));
        Path run = temp.resolve("runs/diverged");
        int last = TinyRun.names(run.resolve("checkpoints")).size();
        assertTrue(last >= 1 && last < STEPS, "stopped after step " + last);
        assertEquals("step-" + last + "\n", Files.readString(run.resolve("latest")));
        assertEquals(Set.of(), TinyRun.names(run.resolve("checkpoints")).stream().filter(n -> n.startsWith("."))
                .collect(Collectors.toSet()));
        assertEquals(IntStream.rangeClosed(0, last).boxed().toList(),
                MetricsFile.read(run.resolve("metrics.jsonl")).stream().map(StepMetrics::step).toList());
        assertThrows(RunStoppedException.class, () -> run(overrides), "continued from its last step, it stops again");
    }

    private static Path run(String... overrides) {
        return runs.run(overrides);
    }

    /** Starts the run {@code killed} in a process and kills it at the moment; fails if it ends before. */
    private static void killWhen(BooleanSupplier moment) throws IOException, InterruptedException {
        Path errors = temp.resolve("errors");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true",
                "-cp", System.getProperty("java.class.path"), RunProcess.class.getName(), config.toString(), "run.name=killed")
                .redirectError(errors.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            while (!moment.getAsBoolean()) {
                assertTrue(process.isAlive(), () -> "the run ended by itself: " + read(errors));
                Thread.sleep(0, 200_000);
            }
        } finally {
            process.destroyForcibly();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        }
        assertEquals(128 + 9, process.exitValue(), () -> "not killed: " + read(errors));
    }

    private static boolean isAside(String name) {
        return name.startsWith(".step-") && !name.endsWith(".lock");
    }

    /** Weights, moments, state and everything else to the byte. */
    private static void assertSameCheckpoint(Path run, int step) throws IOException {
        String name = "checkpoints/step-" + step;
        assertEquals(TinyRun.files(undisturbed.resolve(name)), TinyRun.files(run.resolve(name)), run + " step " + step);
    }

    private static long lines(Path file) {
        return Files.exists(file) ? read(file).lines().count() : 0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
