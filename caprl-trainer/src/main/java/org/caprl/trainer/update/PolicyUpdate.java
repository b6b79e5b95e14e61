package org.caprl.trainer.update;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.RunStoppedException;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.trainer.loss.BatchTotals;
import org.caprl.trainer.loss.CaptionTokens;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.LossMetrics;
import org.caprl.trainer.loss.PolicyLoss;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;

/**
 * Moves the policy by the groups of one step: for each update, for each group, log-probs of all captions behind their shared prompt, loss,
 * backward; then one AdamW step. Denominators are totals of the whole step.
 *
 * <p>A group is a micro-batch: gradients and metrics are summed group by group, in the order of the groups, so that they are the same bits
 * whatever memory there is. Groups share a pass nowhere, since a product over the rows of two groups is not the sum of two products.
 */
public final class PolicyUpdate implements GroupUpdate {
    private final TensorOps ops;
    private final CausalLm policy;
    private final CausalLm reference;
    private final AdamW optimizer;
    private final LearningRateSchedule schedule;
    private final GrpoLoss loss;
    private final Settings settings;

    /**
     * What is not the loss.
     *
     * @param updatesPerStep optimizer updates for the groups of one step
     * @param microBatchTokens rows of which all activations are held
     * @param recompute whether a group's activations are computed again
     * @param temperature of the rollout: log-probs are of logits divided by it
     * @param maxNewTokens the most tokens that a caption may have
     * @param seed of the dropout of adapters
     */
    public record Settings(int updatesPerStep, int microBatchTokens, Recompute recompute, float temperature, int maxNewTokens, long seed) {
    }

    /**
     * An update of {@code policy}.
     *
     * @param reference frozen policy of the KL term, of which adapters are left out, so that it may be {@code policy} itself where only
     *     adapters are trained; null where the loss has no such term
     */
    public PolicyUpdate(TensorOps ops, CausalLm policy, CausalLm reference, AdamW optimizer, LearningRateSchedule schedule, GrpoLoss loss,
            Settings settings) {
        if (loss.kl().weight() != 0 && reference == null) {
            throw new IllegalArgumentException("a loss with a KL term needs a reference policy");
        }
        this.ops = ops;
        this.policy = policy;
        this.reference = reference;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.loss = loss;
        this.settings = settings;
    }

    @Override
    public UpdateReport step(List<TrainingGroup> groups) {
        long stepTokens = groups.stream().mapToLong(TrainingGroup::tokens).sum();
        List<List<TrainingGroup>> updates = MicroBatches.split(groups, settings.updatesPerStep());
        Sums sums = new Sums();
        for (List<TrainingGroup> update : updates) {
            int captions = update.stream().mapToInt(g -> g.captions().size()).sum();
            long tokens = update.stream().mapToLong(TrainingGroup::tokens).sum();
            if (tokens == 0) {
                continue;
            }
            BatchTotals totals = new BatchTotals(captions, tokens, stepTokens, updates.size(), settings.maxNewTokens());
            PackedBatch.Masks masks = PackedBatch.Masks.of(settings.seed(), optimizer.steps());
            for (TrainingGroup group : update) {
                PackedBatch batch = new PackedBatch(policy, List.of(group.packed()), masks);
                masks = masks.after(batch);
                add(group, batch, totals, sums);
            }
            double norm = optimizer.gradientNorm();
            if (!Double.isFinite(norm) || !Double.isFinite(sums.loss)) {
                throw new RunStoppedException("update " + (optimizer.steps() + 1) + ": loss " + sums.loss + ", gradient norm " + norm
                        + " is not finite; the weights were not changed. Lower trainer.lr, or look for NaN in the checkpoint.");
            }
            sums.lr = schedule.at(optimizer.steps());
            optimizer.step(sums.lr, norm);
            sums.norm += norm;
            sums.updates++;
        }
        return sums.report();
    }

    /** Adds a group's gradients and metrics to the sums. */
    private void add(TrainingGroup group, PackedBatch batch, BatchTotals totals, Sums sums) {
        if (batch.scored() == 0) {
            return;
        }
        float[] refLogp = loss.kl().weight() == 0 ? null : referenceLogProbs(group);
        try (TensorScope scope = new TensorScope(ops.memory(), MemoryOwner.ACTIVATIONS)) {
            Tape tape = new Tape();
            Pass pass = Pass.training(ops, scope, tape);
            boolean again = settings.recompute().applies(batch.rows(), settings.microBatchTokens());
            Fn.LogProbs logProbs = batch.logProbs(again ? pass.recomputingBlocks() : pass, settings.temperature());
            float[] newLogp = values(logProbs.logProb().value());
            float[] entropy = values(logProbs.entropy().value());
            List<CaptionTokens> captions = new ArrayList<>();
            List<float[]> entropies = new ArrayList<>();
            int at = 0;
            for (TrainingCaption caption : group.captions()) {
                int end = at + caption.ids().length;
                float[] mine = Arrays.copyOfRange(newLogp, at, end);
                float[] ref = refLogp == null ? null : Arrays.copyOfRange(refLogp, at, end);
                captions.add(new CaptionTokens(mine, caption.oldLogp() == null ? mine : caption.oldLogp(), ref, caption.advantage(),
                        caption.masked()));
                entropies.add(Arrays.copyOfRange(entropy, at, end));
                if (sums.updates == 0 && caption.oldLogp() != null) {
                    sums.gap(mine, caption.oldLogp());
                }
                at = end;
            }
            PolicyLoss result = loss.of(captions, entropies.toArray(float[][]::new), totals);
            sums.add(result, captions, entropies, batch);
            seed(scope, logProbs, captions, result);
            tape.backward();
        }
    }

    private void seed(TensorScope scope, Fn.LogProbs logProbs, List<CaptionTokens> captions, PolicyLoss result) {
        int n = (int) logProbs.logProb().value().size();
        float[] dLogp = new float[n];
        float[] dEntropy = new float[n];
        int at = 0;
        for (int c = 0; c < captions.size(); c++) {
            float[] g = result.gradLogp()[c];
            System.arraycopy(g, 0, dLogp, at, g.length);
            if (!captions.get(c).masked()) {
                Arrays.fill(dEntropy, at, at + g.length, result.gradEntropy());
            }
            at += g.length;
        }
        logProbs.logProb().seed(scope.floatsOf(dLogp, n));
        if (result.gradEntropy() != 0) {
            logProbs.entropy().seed(scope.floatsOf(dEntropy, n));
        }
    }

    private float[] referenceLogProbs(TrainingGroup group) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            PackedBatch batch = new PackedBatch(reference, List.of(group.packed()));
            return values(batch.logProbs(Pass.inference(ops, scope).withoutAdapters(), settings.temperature()).logProb().value());
        }
    }

    private static float[] values(Tensor t) {
        return t.toFloats();
    }

    private static final class Sums {
        private double loss;
        private double norm;
        private double lr;
        private int updates;
        private double gapMax;
        private double gapSum;
        private long gapCount;
        private double entropy;
        private long tokens;
        private long rows;
        private long images;
        private LossMetrics metrics = LossMetrics.ZERO;

        private void gap(float[] trainer, float[] rollout) {
            for (int i = 0; i < trainer.length; i++) {
                double d = Math.abs((double) trainer[i] - rollout[i]);
                gapMax = Math.max(gapMax, d);
                gapSum += d;
            }
            gapCount += trainer.length;
        }

        private void add(PolicyLoss result, List<CaptionTokens> captions, List<float[]> entropies, PackedBatch batch) {
            loss += result.loss();
            metrics = metrics.plus(result.metrics());
            rows += batch.rows();
            images += batch.imageCount();
            for (int c = 0; c < captions.size(); c++) {
                if (!captions.get(c).masked()) {
                    for (float h : entropies.get(c)) {
                        entropy += h;
                    }
                    tokens += entropies.get(c).length;
                }
            }
        }

        private UpdateReport report() {
            int n = Math.max(1, updates);
            return new UpdateReport(loss / n, metrics.kl(), metrics.clipShare(), entropy / Math.max(1, tokens), norm / n, lr, gapMax,
                    gapSum / Math.max(1, gapCount), rows, images);
        }
    }
}
