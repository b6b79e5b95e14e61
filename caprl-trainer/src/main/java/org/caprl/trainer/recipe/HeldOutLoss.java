package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.trainer.update.MicroBatches;

/**
 * What a model makes of examples that it was not trained on.
 *
 * @param nats mean negative log-likelihood of a scored token
 * @param examples that were measured
 * @param tokens scored tokens
 */
public record HeldOutLoss(double nats, int examples, long tokens) {
    /** Measures the first {@code examples} of a source. */
    public static HeldOutLoss of(TensorOps ops, CausalLm model, SftSource source, int examples, int microBatchTokens) {
        List<PackedGroup> groups = new ArrayList<>();
        for (int i = 0; i < examples; i++) {
            groups.add(source.example(i));
        }
        long tokens = groups.stream().mapToLong(PackedGroup::scored).sum();
        double sum = 0;
        for (List<PackedGroup> micro : MicroBatches.of(groups, PackedGroup::rows, microBatchTokens)) {
            try (TensorScope scope = new TensorScope(ops.memory())) {
                for (float logProb : new PackedBatch(model, micro).logProbs(Pass.inference(ops, scope), 1f).logProb().value().toFloats()) {
                    sum -= logProb;
                }
            }
        }
        return new HeldOutLoss(sum / tokens, examples, tokens);
    }
}
