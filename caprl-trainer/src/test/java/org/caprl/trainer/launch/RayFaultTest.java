package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of a run on a real cluster die, or hang, while they work: the run has the numbers of one in one JVM that nothing disturbed. The
 * last test takes a node from the cluster.
 */
@EnabledOnOs(OS.LINUX)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RayFaultTest {
    private static final int STEPS = 6;
    private static final int ACTORS = 2;
    private static final int CAPTIONS = 8 * 6;
    private static final int EVALUATED = 3;
    private static final String SECOND_NODE = "127.0.0.2";
    private static final long WAIT_SECONDS = 120;

    @TempDir
    private static Path temp;
    private static TestCluster cluster;
    private static RayWorkers workers;
    private static TinyRun tiny;
    private static List<StepMetrics> undisturbed;

    @BeforeAll
    static void start() throws IOException {
        cluster = TestCluster.start(2);
        workers = new RayWorkers(cluster.folder());
        tiny = TinyRun.write(temp, STEPS, "", "");
        largerPolicy();
        undisturbed = TinyRun.repeatable(tiny.run(work()));
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
            assertEquals(List.of(), workers.all());
        }
    }

    /** In place of the tiny one: every stage of a step is to take long enough to be found at work. */
    private static void largerPolicy() throws IOException {
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            new TinyCheckpoint(true, 128, 256, 2, 4, 2, 32, 64, 2, 150, 1024, 7).write(temp.resolve("larger"),
                    WorldTexts.all().subList(0, 600), ops);
        }
    }

    private static String[] work(String... more) {
        List<String> all = new ArrayList<>(List.of("policy.path=" + temp.resolve("larger"), "rollout.captions_per_prompt=6",
                "rollout.max_new_tokens=160", "rollout.stop=[]", "trainer.prompts_per_step=8", "trainer.eval_every=" + STEPS,
                "reward.questions_per_caption=4"));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    /** On the cluster; two CPUs of a node's four for each caption actor, so that there is one on each node. */
    private static String[] on(String name, String... more) {
        return work(Stream.concat(Stream.of(cluster.on(name, "ray.rollout.actors=" + ACTORS, "ray.rollout.cpus=2",
                "ray.limits.silence_seconds=4")), Stream.of(more)).toArray(String[]::new));
    }

    /** A signal to whom while an actor of a kind works in a step. */
    private record Fault(int step, String kind, String signal, To to) {
        Fault(int step, String kind, String signal) {
            this(step, kind, signal, To.THE_ONE);
        }

        void happen(long working) {
            List<Long> hit = switch (to) {
                case THE_ONE -> List.of(working);
                case SECOND_NODE -> List.of(workers.node(SECOND_NODE).orElseThrow());
            };
            hit.forEach(pid -> RayWorkers.signal(pid, signal));
        }
    }

    private enum To { THE_ONE, SECOND_NODE }

    /** Runs to the end while the faults happen. */
    private static Path disturbed(ByteArrayOutputStream out, String[] run, Fault... faults) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        CompletableFuture<Void> disturber = CompletableFuture.runAsync(() -> {
            for (Fault fault : faults) {
                fault.happen(awaitWorking(fault.kind(), fault.step(), run(run), over));
            }
        });
        try {
            return tiny.launch(out, false, run);
        } finally {
            over.complete(null);
            disturber.join();
        }
    }

    /** The process of an actor of the kind that works in a step, or in a later one if that was over too soon. */
    private static long awaitWorking(String kind, int step, String run, CompletableFuture<?> over) {
        Path before = temp.resolve("runs").resolve(run).resolve(step == 1 ? "samples/eval-step-0.jsonl" : "checkpoints/step-" + (step - 1));
        await(() -> Files.exists(before), over, "step " + step + " of " + run);
        return workers.awaitWorking(kind, what -> pause(over, what));
    }

    private static String run(String[] overrides) {
        return Arrays.stream(overrides).filter(o -> o.startsWith("run.name=")).findFirst().orElseThrow().substring("run.name=".length());
    }

    private static void await(BooleanSupplier state, CompletableFuture<?> over, String what) {
        long begin = System.nanoTime();
        while (!state.getAsBoolean()) {
            assertTrue(System.nanoTime() - begin < WAIT_SECONDS * 1_000_000_000L, "waited in vain for " + what);
            pause(over, "for " + what);
        }
    }

    private static void pause(CompletableFuture<?> over, String what) {
        if (over.isDone()) {
            throw new IllegalStateException("the run is over; waited " + what);
        }
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers of the undisturbed run, every caption counted once, recovery in as many steps as there were faults. */
    private static void assertUnharmed(Path run, int faults) {
        List<String> recovered = recoveredUnharmed(run);
        assertEquals(faults, recovered.size(), recovered.toString());
    }

    /** The steps that recovered, of a run with the numbers of the undisturbed one and every caption counted once. */
    private static List<String> recoveredUnharmed(Path run) {
        List<StepMetrics> metrics = MetricsFile.read(run.resolve("metrics.jsonl"));
        for (StepMetrics step : metrics) {
            double captions = 0;
            for (int actor = 1; actor <= ACTORS; actor++) {
                captions += step.get(MetricKey.speed("captions_actor_" + actor)).orElse(0);
            }
            int evaluated = step.get(MetricKey.EVAL_QA_ACCURACY).isPresent() ? EVALUATED : 0;
            assertEquals((step.step() == 0 ? 0 : CAPTIONS) + evaluated, captions, step.toString());
        }
        List<String> recovered = metrics.stream().filter(m -> m.get(MetricKey.time("recover")).orElse(0) > 0)
                .map(m -> String.format(Locale.ROOT, "step %d %.1f s", m.step(), m.get(MetricKey.time("recover")).getAsDouble())).toList();
        System.out.println(run.getFileName() + " recovered: " + recovered);
        assertEquals(undisturbed, TinyRun.repeatable(run));
        return recovered;
    }

    /** Ray ends the actors of a driver that has ended. */
    private static void assertNoActors() {
        await(() -> Stream.of("rollout", "reward", "trainer").allMatch(kind -> workers.of(kind).isEmpty()), new CompletableFuture<>(),
                "the end of all actors");
    }

    @Test
    @Order(1)
    void lostCaptionAndRewardActorsAreReplaced() {
        Path run = disturbed(new ByteArrayOutputStream(), on("replaced"), new Fault(1, "rollout", "KILL"), new Fault(3, "reward", "KILL"),
                new Fault(5, "rollout", "STOP"));
        assertUnharmed(run, 3);
        assertNoActors();
    }

    @Test
    @Order(2)
    void aLostTrainerGoesBackToItsCheckpoint() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path run = disturbed(out, on("trainer", "ray.checkpoints=fetched"), new Fault(2, "trainer", "KILL"),
                new Fault(4, "trainer", "STOP"));
        assertUnharmed(run, 2);
        String said = out.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("the trainer was lost: trainer actor (process ") && said.contains("gives no sign of life for 4 s"), said);
        assertNoActors();
    }

    /** Whatever writes captions, or loads its model for it, is killed. */
    @Test
    @Order(3)
    void tooManyLossesStopTheRun() {
        CompletableFuture<Void> over = new CompletableFuture<>();
        CompletableFuture<Void> disturber = CompletableFuture.runAsync(() -> {
            try {
                for (int killed = 0; killed < 2 * ACTORS; killed++) {
                    RayWorkers.signal(awaitWorking("rollout", 1, "given-up", over), "KILL");
                }
            } catch (IllegalStateException e) {
                assertTrue(over.isDone(), e::toString);
            }
        });
        RunStoppedException stopped = assertThrows(RunStoppedException.class,
                () -> tiny.run(on("given-up", "ray.limits.failures_in_row=1")));
        over.complete(null);
        disturber.join();
        assertTrue(stopped.getMessage().matches("(?s)caption actor [12] was lost too often without a step in between, "
                + "ray.limits.failures_in_row allows 1: caption actor [12] \\(process \\d+ on node [0-9.]+\\) was lost: .+; "
                + "then caption actor .+"), stopped.getMessage());
        System.out.println(stopped.getMessage());
        assertNoActors();
    }

    @Test
    @Order(4)
    void aDriverThatIsKilledOrStoppedByCtrlCLeavesNoActorsAndTheRunGoesOn() throws Exception {
        Process killed = driver(on("driver"));
        awaitWorking("rollout", 2, "driver", killed.onExit());
        RayWorkers.signal(killed.pid(), "KILL");
        assertTrue(killed.waitFor(WAIT_SECONDS, TimeUnit.SECONDS));
        assertNoActors();

        Process stopped = driver(on("driver"));
        awaitWorking("rollout", 4, "driver", stopped.onExit());
        RayWorkers.signal(stopped.pid(), "INT");
        assertTrue(stopped.waitFor(WAIT_SECONDS, TimeUnit.SECONDS));
        String said = Files.readString(temp.resolve("errors"));
        assertTrue(said.contains("stopped by SIGINT; the run is saved as of step "), said);
        assertNoActors();

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path run = tiny.launch(out, false, on("driver"));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("continuing run " + run), out.toString(StandardCharsets.UTF_8));
        assertUnharmed(run, 0);
    }

    /** The driver's working directory is another one than that of the actors. */
    @Test
    @Order(5)
    void aFolderThatTheTrainerDoesNotSeeIsRefusedAtStart() throws Exception {
        Process driver = driver(on("elsewhere", "ray.rollout.actors=1", "run.output=/proc/self/cwd/runs"));
        assertTrue(driver.waitFor(WAIT_SECONDS, TimeUnit.SECONDS));
        String said = Files.readString(temp.resolve("errors"));
        assertTrue(said.contains("InputException: trainer actor (process ") && said.contains("cannot write /proc/self/cwd/runs/elsewhere/")
                && said.contains("use ray.checkpoints=fetched"), said);
        assertNoActors();
    }

    @Test
    @Order(6)
    void whatIsLostWithANodeIsReplacedOnAnother() {
        Path run = disturbed(new ByteArrayOutputStream(), on("node"), new Fault(3, "rollout", "KILL", To.SECOND_NODE));
        // Its actors are missed one by one, so that recovery may reach into the next step.
        assertFalse(recoveredUnharmed(run).isEmpty(), "nothing was lost");
        assertNoActors();
    }

    /** Starts a run in a process of its own, which hears Ctrl-C also where the tests do not. */
    private static Process driver(String... overrides) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", System.getProperty("java.home") + "/bin/java",
                "-Xmx512m"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(a -> a.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RunProcess.class.getName(), tiny.file().toString()));
        command.addAll(List.of(overrides));
        return new ProcessBuilder(command).directory(Files.createDirectories(temp.resolve("elsewhere")).toFile())
                .redirectError(temp.resolve("errors").toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }
}
