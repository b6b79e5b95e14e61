package org.caprl.trainer.update;

import java.util.LinkedHashMap;
import java.util.Map;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * AdamW over the trainable weights of a model, with clipping by the global norm, as {@code torch.optim.AdamW} and
 * {@code clip_grad_norm_} compute them. Weight decay is for matrices only: biases and the weights of norms have none, as in the Trainer
 * of {@code transformers}.
 */
public final class AdamW implements AutoCloseable {
    private final TensorOps ops;
    private final Params params;
    private final Settings settings;
    private final TensorScope scope;
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private int step;

    /**
     * Constants of the optimizer.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the denominator
     * @param weightDecay decoupled weight decay of matrices
     * @param maxGradNorm largest global norm of the gradient; 0 for no clipping
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm) {
        /** Those of TRL: 0.9, 0.999, 1e-8, no decay, clipping at 1. */
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0, 1.0);
    }

    /** First and second moment of one weight, of its shape. */
    public record Moments(Tensor first, Tensor second) {
    }

    /** An optimizer with moments of zero. Gives the weights their gradients. */
    public AdamW(TensorOps ops, Params params, Settings settings) {
        this.ops = ops;
        this.params = params;
        this.settings = settings;
        this.scope = new TensorScope(ops.memory(), MemoryOwner.OPTIMIZER);
        params.train();
        params.trainable().forEach((name, v) -> moments.put(name,
                new Moments(scope.zeros(DType.F32, v.value().shape()), scope.zeros(DType.F32, v.value().shape()))));
    }

    /** L2 norm of all gradients. */
    public double gradientNorm() {
        return Math.sqrt(ops.sumOfSquares(params.trainable().values().stream().map(Var::grad).toList()));
    }

    /**
     * Updates the weights and sets the gradients to zero.
     *
     * @param norm of the gradients, from {@link #gradientNorm}
     */
    public void step(double lr, double norm) {
        step++;
        double clip = settings.maxGradNorm() > 0 ? Math.min(1.0, settings.maxGradNorm() / (norm + 1e-6)) : 1.0;
        AdamWStep matrices = numbers(lr, settings.weightDecay(), clip);
        AdamWStep vectors = numbers(lr, 0, clip);
        params.trainable().forEach((name, v) -> {
            Moments m = moments.get(name);
            boolean vector = v.value().shape().length < 2;
            ops.adamW(v.value(), v.grad(), m.first(), m.second(), vector ? vectors : matrices);
        });
        params.zeroGradients(ops);
    }

    private AdamWStep numbers(double lr, double weightDecay, double clip) {
        return new AdamWStep(lr, settings.beta1(), settings.beta2(), settings.epsilon(), weightDecay, step, clip);
    }

    /** Updates made so far. */
    public int steps() {
        return step;
    }

    /** Continues after {@code steps} updates, once the moments are filled. */
    public void resumeAt(int steps) {
        this.step = steps;
    }

    /** Moments by the weights' names. */
    public Map<String, Moments> moments() {
        return moments;
    }

    @Override
    public void close() {
        scope.close();
    }
}
