package org.caprl.core.parity;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** The loss whose gradients are golden: mean negative log-likelihood of a completion. */
final class CompletionLoss {
    private final TensorOps ops;
    private final CausalLm model;
    private final List<PackedGroup> group;
    private final int tokens;

    CompletionLoss(TensorOps ops, CausalLm model, Prompt prompt, int[] completion) {
        this.ops = ops;
        this.model = model;
        this.group = List.of(new PackedGroup(prompt, List.of(PackedGroup.Completion.of(completion))));
        this.tokens = completion.length;
    }

    /** The loss; no gradients. */
    double value() {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            return mean(new PackedBatch(model, group).logProbs(Pass.inference(ops, scope), 1f));
        }
    }

    /** The loss; afterwards the model's parameters hold its gradients. */
    double differentiate() {
        model.params().train();
        model.params().zeroGradients(ops);
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tape tape = new Tape();
            Fn.LogProbs found = new PackedBatch(model, group).logProbs(Pass.training(ops, scope, tape), 1f);
            float[] seed = new float[tokens];
            Arrays.fill(seed, -1f / tokens);
            found.logProb().seed(scope.floatsOf(seed, tokens));
            tape.backward();
            return mean(found);
        }
    }

    private double mean(Fn.LogProbs found) {
        double sum = 0;
        for (float value : Candidate.values(found.logProb().value())) {
            sum -= value;
        }
        return sum / tokens;
    }
}
