package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlEstimator;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The update of a small Qwen2.5-VL (once also of the other families) from captions that it wrote itself. */
class PolicyUpdateTest {
    private static final int CAPTIONS = 3;
    private static final int MAX_TOKENS = 10;
    private static final float TEMPERATURE = 0.8f;
    private static final AdamW.Settings NO_CLIPPING = new AdamW.Settings(0.9, 0.999, 1e-8, 0, 0);
    private static final GrpoLoss DAPO = new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), KlPenalty.NONE, 0, LossAverage.DAPO);
    private static final GrpoLoss WITH_KL = new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), new KlPenalty(0.04, KlEstimator.K3, false),
            0, LossAverage.DAPO);

    @TempDir
    Path temp;

    private final TensorOps ops = Backends.open("cpu", 1).ops();
    private Path checkpoint;
    private CausalLm policy;

    @BeforeEach
    void load() throws IOException {
        load("qwen2_5_vl");
    }

    private void load(String family) throws IOException {
        checkpoint = temp.resolve(family);
        int layers = family.equals("qwen3_vl") ? 3 : 2; // what is added behind the last layer reaches no caption
        new TinyCheckpoint(family, 64, 64, layers, 2, 1, 32, 32, 2, 20, 128, 7).write(checkpoint, List.of("a red circle"), ops);
        policy = Models.load(checkpoint, ops);
    }

    @AfterEach
    void close() {
        policy.close();
        ops.close();
    }

    /** Whatever is held or computed again, with any number of threads: gradients and metrics are the same bits. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5_vl", "qwen3_vl", "internvl"})
    void neitherMemoryNorThreadsChangeABit(String family) throws IOException {
        if (!policy.family().equals(family)) {
            policy.close();
            load(family);
        }
        List<TrainingGroup> groups = rollout(3);
        UpdateReport[] report = new UpdateReport[1];
        Map<String, float[]> gradient = firstMoments(groups, 100_000, r -> report[0] = r);
        String first = family.equals("internvl") ? "vision_tower.encoder.layer.0.lambda_1" : "visual.blocks.0.attn.qkv.weight";
        assertTrue(squares(gradient.get(first), new float[gradient.get(first).length]) > 0);
        if (family.equals("qwen3_vl")) { // what is added after the last decoder layer reaches no caption
            assertTrue(squares(gradient.get("visual.deepstack_merger_list.0.linear_fc2.bias"), new float[64]) > 0);
        }
        for (int budget : new int[] {1, 30, 60}) {
            assertSameBits(gradient, firstMoments(groups, budget, r -> assertEquals(report[0], r)), budget + " tokens");
        }
        for (int threads : new int[] {2, 3}) {
            try (TensorOps others = Backends.open("cpu", threads).ops(); CausalLm same = Models.load(checkpoint, others)) {
                Map<String, float[]> found = firstMoments(others, same, groups, 60, r -> assertEquals(report[0], r));
                assertSameBits(gradient, found, threads + " threads");
            }
        }
    }

    private static void assertSameBits(Map<String, float[]> expected, Map<String, float[]> found, String how) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, values) -> assertArrayEquals(values, found.get(name), 0f, name + " with " + how));
    }

    @Test
    void recomputationHoldsOneBlockAtATime() {
        List<TrainingGroup> groups = rollout(2);
        long kept = activations(groups, 100_000);
        long recomputed = activations(groups, 1);
        System.out.println("peak of activations: " + kept + " bytes, recomputed " + recomputed);
        assertTrue(recomputed < 0.7 * kept, recomputed + " of " + kept);
        assertEquals(kept, activations(groups, 100_000), "the same again");
        assertEquals(0, inUseNow(), "all given back");
    }

    private long activations(List<TrainingGroup> groups, int microBatchTokens) {
        ops.memory().resetPeak();
        firstMoments(groups, microBatchTokens);
        return ops.memory().peakBytes(MemoryOwner.ACTIVATIONS);
    }

    private long inUseNow() {
        ops.memory().resetPeak();
        return ops.memory().peakBytes(MemoryOwner.ACTIVATIONS);
    }

    /** What the pool holds follows the largest batch, not the number of batches or their sizes. */
    @Test
    void thePoolDoesNotGrowFromStepToStep() {
        List<TrainingGroup> groups = rollout(3);
        List<TrainingGroup> sizes = new ArrayList<>(groups);
        for (int size = 1; size <= 9; size++) {
            int captions = size;
            groups.forEach(g -> sizes.add(new TrainingGroup(g.prompt(),
                    IntStream.range(0, captions).mapToObj(i -> g.captions().get(i % CAPTIONS)).toList())));
        }
        sizes.sort(Comparator.comparingInt((TrainingGroup g) -> g.packed().rows()).reversed());
        List<TrainingGroup> mixed = new ArrayList<>(sizes.subList(1, sizes.size()));
        Collections.shuffle(mixed, new Random(9));
        mixed.add(2, sizes.getFirst());
        try (AdamW optimizer = optimizer()) {
            PolicyUpdate update = update(optimizer, null, DAPO, 0, 1, 4096);
            long early = 0;
            for (int step = 1; step <= 40; step++) {
                update.step(List.of(mixed.get(step % mixed.size()), mixed.get(7 * step % mixed.size())));
                early = step == 5 ? ops.memory().bytesHeld() : early;
            }
            assertEquals(early, ops.memory().bytesHeld());
        }
    }

    @Test
    void updatesOfAStepWeighEveryTokenAlike() {
        List<TrainingGroup> groups = rollout(3);
        try (AdamW optimizer = optimizer()) {
            double one = update(optimizer, null, DAPO, 0, 1, 4096).step(groups).loss();
            assertEquals(1, optimizer.steps());
            assertEquals(one, update(optimizer, null, DAPO, 0, 2, 4096).step(groups).loss(), 1e-6 * Math.abs(one));
            assertEquals(1 + 2, optimizer.steps());
            assertEquals(one, update(optimizer, null, DAPO, 0, 3, 4096).step(groups).loss(), 1e-6 * Math.abs(one));
            assertEquals(1 + 2 + 3, optimizer.steps());
        }
    }

    @Test
    void theGapIsThatOfTheWeights() {
        List<TrainingGroup> groups = rollout(2);
        try (AdamW optimizer = optimizer()) {
            PolicyUpdate update = update(optimizer, null, DAPO, 0, 1, 4096);
            UpdateReport same = update.step(groups);
            System.out.printf(Locale.ROOT, "log-probs of training and rollout differ by at most %.1e, by %.1e on average%n", same.gapMax(),
                    same.gapMean());
            assertTrue(same.gapMax() <= 1e-4, "gap " + same.gapMax());
            Tensor norm = policy.params().get("model.norm.weight").value();
            norm.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 3, norm.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 3) + 1f);
            norm.markWritten();
            UpdateReport nudged = update.step(groups);
            assertTrue(nudged.gapMax() > 1e-3 && nudged.gapMax() > 100 * same.gapMax(),
                    () -> "gap " + same.gapMax() + ", nudged " + nudged.gapMax());
            assertTrue(nudged.gapMean() > 100 * same.gapMean());
        }
    }

    @Test
    void theReferenceIsThePolicyBeforeTheFirstUpdate() {
        List<TrainingGroup> groups = rollout(2);
        try (CausalLm reference = Models.load(checkpoint, ops); AdamW optimizer = optimizer()) {
            PolicyUpdate update = update(optimizer, reference, WITH_KL, 1e-2, 1, 4096);
            assertEquals(0, update.step(groups).kl());
            assertTrue(update.step(groups).kl() > 1e-6);
        }
    }

    @Test
    void promptsAreComputedAndImagesEncodedOnceAGroup() {
        List<TrainingGroup> groups = rollout(2);
        try (AdamW optimizer = optimizer()) {
            UpdateReport report = update(optimizer, null, DAPO, 0, 1, 4096).step(groups);
            assertEquals(2, report.images());
            assertEquals(groups.stream().mapToInt(g -> g.prompt().ids().length
                    + g.captions().stream().mapToInt(c -> c.ids().length - 1).sum()).sum(), report.rows());
        }
    }

    private Map<String, float[]> firstMoments(List<TrainingGroup> groups, int microBatchTokens) {
        return firstMoments(groups, microBatchTokens, report -> { });
    }

    private Map<String, float[]> firstMoments(List<TrainingGroup> groups, int microBatchTokens, Consumer<UpdateReport> reports) {
        return firstMoments(ops, policy, groups, microBatchTokens, reports);
    }

    /** The gradient of one update, times 1 - beta1. */
    private static Map<String, float[]> firstMoments(TensorOps ops, CausalLm policy, List<TrainingGroup> groups, int microBatchTokens,
            Consumer<UpdateReport> reports) {
        try (AdamW optimizer = new AdamW(ops, policy.params(), NO_CLIPPING)) {
            reports.accept(update(ops, policy, optimizer, null, DAPO, 0, 1, microBatchTokens).step(groups));
            return optimizer.moments().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
                    e -> e.getValue().first().toFloats()));
        }
    }

    private AdamW optimizer() {
        return new AdamW(ops, policy.params(), NO_CLIPPING);
    }

    private PolicyUpdate update(AdamW optimizer, CausalLm reference, GrpoLoss loss, double lr, int updates, int microBatchTokens) {
        return update(ops, policy, optimizer, reference, loss, lr, updates, microBatchTokens);
    }

    private static PolicyUpdate update(TensorOps ops, CausalLm policy, AdamW optimizer, CausalLm reference, GrpoLoss loss, double lr,
            int updates, int microBatchTokens) {
        return new PolicyUpdate(ops, policy, reference, optimizer,
                new LearningRateSchedule(lr, 0, 100, LearningRateSchedule.Shape.CONSTANT), loss,
                new PolicyUpdate.Settings(updates, microBatchTokens, Recompute.AUTO, TEMPERATURE, MAX_TOKENS, 0));
    }

    private List<TrainingGroup> rollout(int images) {
        return Rollouts.of(ops, policy, images, CAPTIONS, MAX_TOKENS, TEMPERATURE);
    }

    private static double squares(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - b[i], 2);
        }
        return sum;
    }
}
