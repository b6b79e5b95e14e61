package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on a real cluster give the numbers of the run in one JVM. */
class RayRunTest {
    private static final int STEPS = 2;
    /** A group for each of four actors, in steps and evaluations. */
    private static final String[] ALL_BUSY = {"trainer.prompts_per_step=4", "eval.images=4"};

    @TempDir
    private static Path temp;
    private static TestCluster cluster;
    private static TinyRun tiny;
    private static Path oneJvm;
    private static List<StepMetrics> inOneJvm;

    @BeforeAll
    static void start() throws IOException {
        cluster = TestCluster.start(1);
        tiny = TinyRun.write(temp, STEPS, "", "");
        oneJvm = tiny.run(ALL_BUSY);
        inOneJvm = TinyRun.repeatable(oneJvm);
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Path run(String name, String... overrides) {
        return tiny.run(on(name, overrides));
    }

    private static String[] on(String name, String... overrides) {
        return cluster.on(name, Stream.concat(Stream.of(ALL_BUSY), Stream.of(overrides)).toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"1, none", "2, none", "2, reward", "4, reward"})
    void metricsAndCheckpointsAreThoseOfOneJvm(int actors, String overlap) throws IOException {
        Path run = run("actors-" + actors + "-" + overlap, "ray.rollout.actors=" + actors, "ray.overlap=" + overlap);
        assertEquals(inOneJvm, TinyRun.repeatable(run));
        assertEquals(TinyRun.files(oneJvm.resolve("checkpoints")), TinyRun.files(run.resolve("checkpoints")));
        for (StepMetrics step : MetricsFile.read(run.resolve("metrics.jsonl"))) {
            for (int actor = 1; actor <= actors; actor++) {
                assertTrue(step.get(MetricKey.speed("captions_actor_" + actor)).orElse(0) > 0, "actor " + actor + " in " + step);
            }
        }
    }

    /** Written there and brought here, sent there and restored: the files are those of the run in one JVM. */
    @Test
    void aRunGoesOnFromFetchedCheckpoints() throws IOException {
        Path first = run("fetched", "ray.checkpoints=fetched", "trainer.steps=1");
        // As if it had been stopped there.
        Path config = first.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("steps: 1\n", "steps: " + STEPS + "\n"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path run = tiny.launch(out, false, on("fetched", "ray.checkpoints=fetched"));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("after step 1"), out.toString(StandardCharsets.UTF_8));
        assertEquals(inOneJvm.getLast(), TinyRun.repeatable(run).getLast());
        assertEquals(TinyRun.files(oneJvm.resolve("checkpoints")), TinyRun.files(run.resolve("checkpoints")));
    }

    /** What goes to caption actors is what is trained, in the type that they have. */
    @ParameterizedTest
    @ValueSource(strings = {"policy.dtype=bfloat16", "policy.lora={r: 2, dropout: 0.1}"})
    void roundedCopiesAndAdaptersGiveTheNumbersOfOneJvm(String policy) {
        String name = policy.substring("policy.".length(), policy.indexOf('='));
        Path local = tiny.run("run.name=local-" + name, policy, "trainer.loss.kl_weight=0.1", ALL_BUSY[0], ALL_BUSY[1]);
        Path run = run("ray-" + name, policy, "trainer.loss.kl_weight=0.1");
        assertEquals(TinyRun.repeatable(local), TinyRun.repeatable(run));
    }
}
