package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM for a run in a process of its own. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(180)
class StopSignalTest {
    @TempDir
    static Path temp;

    private static Path config;
    private static List<StepMetrics> undisturbed;

    @BeforeAll
    static void oneRun() throws IOException {
        config = TinyModels.run(temp);
        undisturbed = repeatable(finish("undisturbed", "none"));
    }

    @ParameterizedTest
    @CsvSource({"INT, 2, none", "TERM, 15, none", "TERM, 15, reward"})
    void aRunEndsInOrderAndGoesOnAsIfNothingHadHappened(String name, int number, String overlap) throws Exception {
        String run = "stopped-" + name.toLowerCase(Locale.ROOT) + "-" + overlap;
        Path folder = temp.resolve("runs").resolve(run);
        Process process = start(run, overlap);
        try {
            await(process, () -> lines(folder.resolve("metrics.jsonl")) >= 3);
            Thread.sleep(50); // Somewhere in the next step.
            assumeHears(process, number);
            long begin = System.nanoTime();
            send(process, name);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            System.out.printf(Locale.ROOT, "SIG%s: ended after %.2f s%n", name, (System.nanoTime() - begin) / 1e9);
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(errors());
        assertEquals(128 + number, process.exitValue(), said);
        assertTrue(said.contains("caprl: SIG" + name + ": captions of a step are dropped"), said);
        List<StepMetrics> before = MetricsFile.read(folder.resolve("metrics.jsonl"));
        int last = before.getLast().step();
        assertTrue(last >= 2 && last < undisturbed.getLast().step(), "stopped after step " + last);
        assertTrue(said.contains("stopped by SIG" + name + "; the run is saved as of step " + last), said);
        assertEquals("step-" + last + "\n", Files.readString(folder.resolve("latest")));
        assertEquals(folder, finish(run, overlap));
        assertEquals(undisturbed, repeatable(folder));
        assertEquals(before.getLast(), MetricsFile.read(folder.resolve("metrics.jsonl")).get(last), "step " + last + " was made again");
    }

    /** What was written ahead is dropped; the steps that are there go on to the end. */
    @Test
    void aRunAheadGoesOnToo() throws Exception {
        Path folder = temp.resolve("runs/stopped-ahead");
        Process process = start("stopped-ahead", "step");
        try {
            await(process, () -> lines(folder.resolve("metrics.jsonl")) >= 3);
            send(process, "TERM");
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(128 + 15, process.exitValue(), Files.readString(errors()));
        List<StepMetrics> before = MetricsFile.read(folder.resolve("metrics.jsonl"));
        finish("stopped-ahead", "step");
        List<StepMetrics> after = MetricsFile.read(folder.resolve("metrics.jsonl"));
        assertEquals(before, after.subList(0, before.size()));
        assertEquals(undisturbed.size(), after.size());
    }

    /** The first comes in an evaluation after a step, which is finished. */
    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        Path data = temp.resolve("many");
        Process process = start("twice", "none", "rollout.max_new_tokens=300", "trainer.eval_every=1",
                "data.train=" + data.resolve("train.jsonl"), "data.eval=" + data.resolve("eval.jsonl"), "data.synth={train: 8, eval: 256}");
        try {
            await(process, () -> Files.exists(temp.resolve("runs/twice/samples/step-1.jsonl")));
            send(process, "TERM");
            await(process, () -> read(errors()).contains("SIGTERM"));
            send(process, "TERM");
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(128 + 15, process.exitValue(), read(errors()));
        assertTrue(read(errors()).contains("SIGTERM, again: ended at once"), read(errors()));
        assertEquals(1, lines(temp.resolve("runs/twice/metrics.jsonl")), "the evaluation was over");
    }

    private static String[] arguments(String run, String overlap, String... more) {
        List<String> arguments = new ArrayList<>(List.of("train", config.toString(), "run.name=" + run,
                "run.output=" + temp.resolve("runs"), "ray.overlap=" + overlap, "trainer.steps=12",
                "trainer.prompts_per_step=4", "trainer.lr=1e-3", "rollout.max_new_tokens=48", "data.synth={train: 8, eval: 3}",
                "trainer.eval_every=5"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Runs to the end in this JVM; returns the run's folder. */
    private static Path finish(String run, String overlap) {
        Ran ran = Ran.caprl(arguments(run, overlap));
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        return temp.resolve("runs").resolve(run);
    }

    private static Process start(String run, String overlap, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true",
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments(run, overlap, more)));
        return new ProcessBuilder(command).redirectError(errors().toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static void send(Process process, String signal) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start().waitFor());
    }

    /** A shell without job control starts what it runs in the background deaf to Ctrl-C, and its children are so, too. */
    private static void assumeHears(Process process, int signal) throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        if (Files.exists(status)) {
            String ignored = Files.readAllLines(status).stream().filter(l -> l.startsWith("SigIgn:")).findFirst().orElseThrow();
            long mask = Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16);
            Assumptions.assumeTrue((mask >> signal - 1 & 1) == 0, "the tests were started deaf to signal " + signal);
        }
    }

    private static Path errors() {
        return temp.resolve("errors");
    }

    private static List<StepMetrics> repeatable(Path run) {
        return MetricsFile.read(run.resolve("metrics.jsonl")).stream().map(StepMetrics::repeatable).toList();
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

    private static void await(Process process, BooleanSupplier moment) throws InterruptedException {
        while (!moment.getAsBoolean()) {
            assertTrue(process.isAlive(), () -> "the run ended by itself: " + read(errors()));
            Thread.sleep(1);
        }
    }
}
