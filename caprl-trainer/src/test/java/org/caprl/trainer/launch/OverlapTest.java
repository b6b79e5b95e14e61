package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.FinishReason;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;
import org.caprl.reward.WeightedRewards;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.caprl.trainer.recipe.Overlap;
import org.caprl.trainer.recipe.RolloutWork;
import org.caprl.trainer.recipe.Rollouts;
import org.caprl.trainer.recipe.ScoredRollouts;
import org.caprl.trainer.recipe.StepDroppedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What of a step happens at the same time: in whole runs of two tiny models, and with an engine and a reward that fail on demand. */
@Timeout(120)
class OverlapTest {
    private static final int STEPS = 7;
    private static final int SAVE_EVERY = 3;

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static Path inTurn;
    private static Path ahead;

    @BeforeAll
    static void twoRuns() throws IOException {
        runs = TinyRun.write(temp, STEPS, "", "");
        inTurn = run("in-turn", "none");
        ahead = run("ahead", "step");
    }

    private static Path run(String name, String overlap) {
        return runs.run("run.name=" + name, "ray.overlap=" + overlap, "trainer.save_every=" + SAVE_EVERY);
    }

    @Test
    void scoringMeanwhileGivesTheNumbersOfScoringAfterwards() throws IOException {
        Path meanwhile = run("meanwhile", "reward");
        assertEquals(TinyRun.repeatable(inTurn), TinyRun.repeatable(meanwhile));
        assertEquals(TinyRun.files(inTurn.resolve("samples")), TinyRun.files(meanwhile.resolve("samples")));
        assertEquals(TinyRun.files(inTurn.resolve("checkpoints")), TinyRun.files(meanwhile.resolve("checkpoints")));
    }

    /** The trainer's log-probs differ from the recorded ones where the captions are of older weights, and there only. */
    @Test
    void captionsAreOneUpdateOlderExceptAfterACheckpoint() {
        List<Integer> lagging = new ArrayList<>();
        for (StepMetrics m : MetricsFile.read(ahead.resolve("metrics.jsonl"))) {
            if (m.get(MetricKey.LOGPROB_GAP_MAX).orElse(0) > 1e-3) {
                lagging.add(m.step());
            }
        }
        assertEquals(List.of(2, 3, 5, 6), lagging);
        assertEquals(TinyRun.repeatable(inTurn).subList(0, 2), TinyRun.repeatable(ahead).subList(0, 2));
        assertNotEquals(TinyRun.repeatable(inTurn).get(3), TinyRun.repeatable(ahead).get(3));
    }

    @Test
    void aRunAheadThatGoesOnFromACheckpointHasTheNumbersOfOneThatWasNotInterrupted() throws IOException {
        Path again = run("ahead-again", "step");
        for (int step : List.of(6, 7)) {
            AtomicDirectory.delete(again.resolve("checkpoints/step-" + step));
        }
        assertEquals(again, run("ahead-again", "step"));
        assertEquals(TinyRun.repeatable(ahead), TinyRun.repeatable(again));
        assertEquals(TinyRun.files(ahead.resolve("samples")), TinyRun.files(again.resolve("samples")));
        assertEquals(TinyRun.files(ahead.resolve("checkpoints")), TinyRun.files(again.resolve("checkpoints")));
    }

    @Test
    void adaptersRunAheadToo() {
        String[] overrides = {"run.name=adapters", "ray.overlap=step", "policy.lora={r: 2}", "trainer.save_every=0", "trainer.steps=3"};
        List<StepMetrics> metrics = MetricsFile.read(runs.run(overrides).resolve("metrics.jsonl"));
        assertEquals(0, metrics.get(1).get(MetricKey.LOGPROB_GAP_MAX).orElseThrow());
        assertTrue(metrics.get(2).get(MetricKey.LOGPROB_GAP_MAX).orElseThrow() > 0);
    }

    @Test
    void versionsAreThoseOfTheWeightsThatWroteAndRowsReadAheadComeAgain() {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Engine engine = new Engine();
            Rollouts rollouts = rollouts(inputs, Overlap.STEP, engine, new Lengths());
            Cursor[] after = new Cursor[5];
            List<Long> versions = new ArrayList<>();
            for (int step = 1; step <= 4; step++) {
                ScoredRollouts batch = rollouts.of(step, StepMetrics.at(step));
                rollouts.install(step, StepMetrics.at(step));
                versions.add(batch.weightVersion());
                after[step] = rollouts.cursor();
            }
            rollouts.close();
            // A step with a checkpoint is 3.
            assertEquals(List.of(0L, 0L, 1L, 3L), versions);
            for (int step = 1; step <= 4; step++) {
                assertEquals(new Cursor(3, 0, 2L * step), after[step]);
            }
            assertEquals(new Cursor(3, 0, 10), inputs.samples().cursor(), "rows of step 5 were read ahead");
        }
    }

    @Test
    void groupsAreScoredWhileOthersAreWritten() {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Lengths reward = new Lengths();
            Engine engine = new Engine();
            engine.lastGroupWaitsFor = reward.scored;
            ScoredRollouts batch = rollouts(inputs, Overlap.REWARD, engine, reward).of(1, StepMetrics.at(1));
            assertEquals(2, batch.scored().size());
            assertEquals(batch.groups().stream().map(g -> g.prompt().id()).toList(),
                    batch.scored().stream().map(g -> g.sample().id()).toList());
        }
    }

    @Test
    void aFailureOfScoringEndsTheWriting() {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Lengths reward = new Lengths();
            reward.failure = new IllegalStateException("no score");
            Engine engine = new Engine();
            engine.lastGroupWaitsFor = new CountDownLatch(1);
            Rollouts rollouts = rollouts(inputs, Overlap.REWARD, engine, reward);
            assertSame(reward.failure, assertThrows(IllegalStateException.class, () -> rollouts.of(1, StepMetrics.at(1))));
            assertEquals(0, engine.writing.get());
        }
    }

    @Test
    void aFailureOfTheWritingEndsTheScoring() throws InterruptedException {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Lengths reward = new Lengths();
            Engine engine = new Engine();
            engine.failure = new IllegalStateException("no caption");
            Rollouts rollouts = rollouts(inputs, Overlap.REWARD, engine, reward);
            Set<Thread> before = scoringThreads();
            assertSame(engine.failure, assertThrows(IllegalStateException.class, () -> rollouts.of(1, StepMetrics.at(1))));
            Set<Thread> begun = scoringThreads();
            begun.removeAll(before);
            for (Thread scoring : begun) {
                // Its work is over; the thread itself may have an instruction to go.
                assertTrue(scoring.join(Duration.ofSeconds(30)), scoring + " goes on");
            }
        }
    }

    @Test
    void captionsThatNobodyWaitsForAreEnded() {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Engine engine = new Engine();
            Rollouts rollouts = rollouts(inputs, Overlap.STEP, engine, new Lengths());
            engine.stepThatNeverEnds = 2;
            rollouts.of(1, StepMetrics.at(1));
            rollouts.close();
            assertEquals(0, engine.writing.get());
        }
    }

    /** A failure of captions written ahead is one of the step that they were written beside; being dropped is not. */
    @Test
    void aStopDropsWhatIsWrittenAheadAndNotTheStep() {
        try (RunInputs inputs = RunInputs.open(runs.config())) {
            Engine engine = new Engine();
            AtomicInteger stopping = new AtomicInteger();
            Rollouts rollouts = rollouts(inputs, Overlap.STEP, engine, new Lengths(), stopping);
            engine.stepThatNeverEnds = 2;
            rollouts.of(1, StepMetrics.at(1));
            stopping.set(1);
            rollouts.install(1, StepMetrics.at(1));
            assertEquals(1, engine.weightVersion());
            assertEquals(new Cursor(3, 0, 2), rollouts.cursor());
            assertThrows(StepDroppedException.class, () -> rollouts.of(2, StepMetrics.at(2)));
            rollouts.close();
        }
    }

    private static Set<Thread> scoringThreads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(t -> !t.getName().equals("caprl-scoring"));
        return threads;
    }

    private static Rollouts rollouts(RunInputs inputs, Overlap overlap, Engine engine, Reward reward) {
        return rollouts(inputs, overlap, engine, reward, new AtomicInteger());
    }

    private static Rollouts rollouts(RunInputs inputs, Overlap overlap, Engine engine, Reward reward, AtomicInteger stopping) {
        return overlap.of(new RolloutWork(inputs.rows(), inputs.processor(), engine,
                new WeightedRewards(List.of(new WeightedRewards.Part(reward, 1))),
                new RolloutWork.Settings(3, 2, 2, SamplingParams.greedy(4, List.of()), step -> step == 3, () -> stopping.get() > 0)));
    }

    /** Writes one token a caption. */
    private static final class Engine implements CaptionEngine {
        private final AtomicInteger writing = new AtomicInteger();
        private volatile long version;
        private int step;
        private int stepThatNeverEnds;
        private CountDownLatch lastGroupWaitsFor = new CountDownLatch(0);
        private RuntimeException failure;

        @Override
        public List<RolloutGroup> caption(List<CaptionRequest> requests, SamplingParams params, GenerationListener listener) {
            writing.incrementAndGet();
            step++;
            try {
                List<RolloutGroup> groups = new ArrayList<>();
                for (int r = 0; r < requests.size(); r++) {
                    boolean last = r == requests.size() - 1;
                    while (last && (step == stepThatNeverEnds || !lastGroupWaitsFor.await(1, TimeUnit.MILLISECONDS))) {
                        listener.progressed(groups.size(), requests.size(), 0);
                    }
                    List<Caption> captions = new ArrayList<>();
                    for (int i = 0; i < requests.get(r).keys().length; i++) {
                        captions.add(new Caption(new int[] {5}, new float[1], new float[1], new float[1], FinishReason.LENGTH, version));
                    }
                    groups.add(new RolloutGroup(requests.get(r).prompt(), captions, version));
                    listener.completed(r, captions);
                    if (failure != null) {
                        throw failure;
                    }
                }
                return groups;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                writing.decrementAndGet();
            }
        }

        @Override
        public void install(long newVersion) {
            assertEquals(0, writing.get(), "weights change while captions are written");
            version = newVersion;
        }

        @Override
        public long weightVersion() {
            return version;
        }

        @Override
        public GenerationCounts counts() {
            return GenerationCounts.ZERO;
        }

        @Override
        public void close() {
            // nothing to close
        }
    }

    /** A caption is worth its length. */
    private static final class Lengths implements Reward {
        private final CountDownLatch scored = new CountDownLatch(1);
        private RuntimeException failure;

        @Override
        public String name() {
            return "tokens";
        }

        @Override
        public List<List<Score>> score(List<GroupToScore> groups) {
            if (failure != null) {
                throw failure;
            }
            scored.countDown();
            return groups.stream().map(g -> g.captions().stream().map(c -> Score.of(c.tokens())).toList()).toList();
        }
    }
}
