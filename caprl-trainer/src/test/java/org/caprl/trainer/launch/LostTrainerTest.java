package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.RunStoppedException;
import org.caprl.core.config.ConfigWriter;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.LetterReader;
import org.caprl.rollout.CaptionEngine;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.UpdateReport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Signal;

/** A trainer that is lost at a moment that the test chooses: in an update, while it saves, while it is restored. */
class LostTrainerTest {
    private static final int STEPS = 5;

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static Path undisturbed;

    @BeforeAll
    static void oneRun() throws IOException {
        runs = TinyRun.write(temp, STEPS, "", "");
        undisturbed = runs.run("trainer.save_every=2");
    }

    /** A loss of the trainer: the how many-th call of which method, over all trainers of a run, does not come back. */
    private record Loss(String method, int call) {
    }

    @Test
    void theStepsSinceTheCheckpointComeAgainWithTheSameNumbers() throws IOException {
        // Before the first checkpoint; in the step after one, after its update; in the checkpoint after that.
        Path run = run("lost", new Failing(new Loss("step", 1), new Loss("step", 5), new Loss("write", 2)));
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        assertEquals(TinyRun.files(undisturbed.resolve("samples")), TinyRun.files(run.resolve("samples")));
        assertEquals(TinyRun.files(undisturbed.resolve("checkpoints")), TinyRun.files(run.resolve("checkpoints")));
        List<StepMetrics> recovered = MetricsFile.read(run.resolve("metrics.jsonl")).stream()
                .filter(m -> m.get(MetricKey.time("recover")).isPresent()).toList();
        // Of losses in the same steps the last one's stays: metrics of steps that come again are written again.
        assertEquals(List.of(0, 3), recovered.stream().map(StepMetrics::step).toList());
        assertTrue(recovered.stream().allMatch(m -> m.get(MetricKey.time("recover")).orElseThrow() > 0));
    }

    @Test
    void aRunThatIsLostAgainAndAgainStopsAndGoesOnLater() throws IOException {
        Failing failing = new Failing(new Loss("step", 3), new Loss("restore", 1), new Loss("step", 4), new Loss("step", 5));
        RunStoppedException stopped = assertThrows(RunStoppedException.class, () -> run("given-up", failing));
        assertTrue(stopped.getMessage().contains("lost 4 times") && stopped.getMessage().contains("ray.limits.failures_in_row allows 3")
                && stopped.getMessage().contains("node 7 is gone") && stopped.getMessage().endsWith("goes on from step 2"),
                stopped.getMessage());
        Path run = run("given-up", new Failing());
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        assertEquals(TinyRun.files(undisturbed.resolve("checkpoints")), TinyRun.files(run.resolve("checkpoints")));
    }

    /** A step that was made and lost again with its checkpoint is no progress. */
    @Test
    void stepsThatComeAgainDoNotCountAsProgress() {
        Failing failing = new Failing(new Loss("write", 1), new Loss("write", 2), new Loss("write", 3), new Loss("write", 4));
        RunStoppedException stopped = assertThrows(RunStoppedException.class, () -> run("no-progress", failing));
        assertTrue(stopped.getMessage().endsWith("goes on from the start"), stopped.getMessage());
    }

    @Test
    void aSignalEndsARunThatRecovers() {
        try (StopSignal stop = new StopSignal(silent())) {
            Failing failing = new Failing(new Loss("step", 3));
            failing.onLoss = () -> stop.heard(new Signal("TERM"));
            StoppedBySignalException e = assertThrows(StoppedBySignalException.class, () -> run("signal", failing, stop));
            assertEquals(15, e.signal());
            assertTrue(e.getMessage().contains("node 7 is gone") && e.getMessage().endsWith("goes on from step 2"), e.getMessage());
        }
    }

    private static PrintStream silent() {
        return new PrintStream(OutputStream.nullOutputStream());
    }

    private static Path run(String name, Failing losses) {
        try (StopSignal stop = new StopSignal(silent())) {
            return run(name, losses, stop);
        }
    }

    private static Path run(String name, Failing losses, StopSignal stop) {
        RunConfig config = runs.config("run.name=" + name, "trainer.save_every=2");
        try (Placement placement = losses.around(new LocalPlacement(config)); RunInputs inputs = RunInputs.open(config)) {
            new TrainingRun(inputs, inputs.held().first(config.eval().images()), placement, stop, silent())
                    .run(() -> RunDirectory.open(config.run().output(), name, ConfigWriter.yaml(config)));
        }
        assertTrue(losses.left.isEmpty(), "did not happen: " + losses.left);
        return temp.resolve("runs").resolve(name);
    }

    /** Parts whose trainer is lost as told. */
    private static final class Failing {
        private final Deque<Loss> left;
        private final Map<String, Integer> calls = new HashMap<>();
        private Runnable onLoss = () -> { };

        private Failing(Loss... losses) {
            this.left = new ArrayDeque<>(List.of(losses));
        }

        private void called(String method) {
            int call = calls.merge(method, 1, Integer::sum);
            if (!left.isEmpty() && left.peek().equals(new Loss(method, call))) {
                left.remove();
                onLoss.run();
                throw new TrainerLostException("node 7 is gone", null);
            }
        }

        private Placement around(Placement placement) {
            return new Placement() {
                @Override
                public String reason() {
                    return placement.reason();
                }

                @Override
                public String plan(RunInputs inputs) {
                    return placement.plan(inputs);
                }

                @Override
                public TrainingParts open(RunInputs inputs) {
                    return around(placement.open(inputs));
                }

                @Override
                public void close() {
                    placement.close();
                }
            };
        }

        private TrainingParts around(TrainingParts parts) {
            return new TrainingParts() {
                private final PolicyTrainer trainer = around(parts.trainer());

                @Override
                public CaptionEngine engine() {
                    return parts.engine();
                }

                @Override
                public LetterReader answerer() {
                    return parts.answerer();
                }

                @Override
                public WeightedRewards rewards() {
                    return parts.rewards();
                }

                @Override
                public PolicyTrainer trainer() {
                    return trainer;
                }

                @Override
                public void contribute(StepMetrics.Builder metrics) {
                    parts.contribute(metrics);
                }

                @Override
                public void close() {
                    parts.close();
                }
            };
        }

        private PolicyTrainer around(PolicyTrainer trainer) {
            return new PolicyTrainer() {
                @Override
                public UpdateReport step(List<TrainingGroup> groups) {
                    UpdateReport report = trainer.step(groups);
                    called("step");
                    return report;
                }

                @Override
                public void check(RunDirectory directory) {
                    trainer.check(directory);
                }

                @Override
                public void write(Path folder, TrainState state) {
                    trainer.write(folder, state);
                    called("write");
                }

                @Override
                public void restore(Checkpoint checkpoint) {
                    trainer.restore(checkpoint);
                    called("restore");
                }

                @Override
                public int optimizerSteps() {
                    return trainer.optimizerSteps();
                }

                @Override
                public void memory(StepMetrics.Builder metrics) {
                    trainer.memory(metrics);
                }

                @Override
                public void close() {
                    trainer.close();
                }
            };
        }
    }
}
