package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.caprl.core.RunStoppedException;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.LearningRateSchedule;
import org.caprl.trainer.update.MicroBatches;

/**
 * Supervised fine-tuning: mean negative log-likelihood of the scored tokens, one AdamW step a batch. The examples of the next step are
 * prepared while this one is computed.
 */
public final class SftRecipe {
    private final TensorOps ops;
    private final CausalLm model;
    private final AdamW optimizer;
    private final LearningRateSchedule schedule;
    private final Settings settings;

    /**
     * Sizes.
     *
     * @param steps optimizer steps
     * @param examplesPerStep examples in one step
     * @param microBatchTokens rows in one forward pass
     * @param seed of the dropout of adapters
     */
    public record Settings(int steps, int examplesPerStep, int microBatchTokens, long seed) {
    }

    /**
     * One step.
     *
     * @param step from 1
     * @param loss mean negative log-likelihood of a scored token, nats
     * @param gradNorm before clipping
     * @param lr learning rate
     * @param tokens scored tokens
     * @param rows rows through the model
     */
    public record Report(int step, double loss, double gradNorm, double lr, long tokens, long rows) {
    }

    /** Training of {@code model}. */
    public SftRecipe(TensorOps ops, CausalLm model, AdamW optimizer, LearningRateSchedule schedule, Settings settings) {
        this.ops = ops;
        this.model = model;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.settings = settings;
    }

    /**
     * Trains from the step after {@code optimizer.steps()} to the last.
     *
     * @throws RunStoppedException when the loss or the gradient is not finite
     */
    public void run(SftSource source, Consumer<Report> listener) {
        CompletableFuture<List<PackedGroup>> next = prepare(source, optimizer.steps());
        while (optimizer.steps() < settings.steps()) {
            List<PackedGroup> groups = prepared(next);
            next = optimizer.steps() + 1 < settings.steps() ? prepare(source, optimizer.steps() + 1) : null;
            listener.accept(step(groups));
        }
    }

    /** A bad row is the user's to mend, whichever thread read it. */
    private static List<PackedGroup> prepared(CompletableFuture<List<PackedGroup>> next) {
        try {
            return next.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private CompletableFuture<List<PackedGroup>> prepare(SftSource source, int step) {
        return CompletableFuture.supplyAsync(() -> {
            List<PackedGroup> groups = new ArrayList<>();
            for (int i = 0; i < settings.examplesPerStep(); i++) {
                groups.add(source.example((long) step * settings.examplesPerStep() + i));
            }
            return groups;
        });
    }

    private Report step(List<PackedGroup> groups) {
        long tokens = groups.stream().mapToLong(PackedGroup::scored).sum();
        long rows = 0;
        double loss = 0;
        PackedBatch.Masks masks = PackedBatch.Masks.of(settings.seed(), optimizer.steps());
        for (List<PackedGroup> micro : MicroBatches.of(groups, PackedGroup::rows, settings.microBatchTokens())) {
            try (TensorScope scope = new TensorScope(ops.memory(), MemoryOwner.ACTIVATIONS)) {
                Tape tape = new Tape();
                PackedBatch batch = new PackedBatch(model, micro, masks);
                masks = masks.after(batch);
                rows += batch.rows();
                Fn.LogProbs logProbs = batch.logProbs(Pass.training(ops, scope, tape), 1f);
                for (float logProb : logProbs.logProb().value().toFloats()) {
                    loss -= logProb / tokens;
                }
                float[] seed = new float[batch.scored()];
                Arrays.fill(seed, -1f / tokens);
                logProbs.logProb().seed(scope.floatsOf(seed, seed.length));
                tape.backward();
            }
        }
        double norm = optimizer.gradientNorm();
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new RunStoppedException("step " + (optimizer.steps() + 1) + ": loss " + loss + ", gradient norm " + norm
                    + " is not finite; the weights were not changed. Lower the learning rate, or look for NaN in the checkpoint.");
        }
        double lr = schedule.at(optimizer.steps());
        optimizer.step(lr, norm);
        return new Report(optimizer.steps(), loss, norm, lr, tokens, rows);
    }
}
