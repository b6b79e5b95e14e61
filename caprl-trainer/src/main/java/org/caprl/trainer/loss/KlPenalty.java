package org.caprl.trainer.loss;

import java.util.Objects;

/**
 * β · KL(π_θ ‖ π_ref), added to each token's loss.
 *
 * @param weight β ≥ 0; with 0 the term is absent and no reference log-probs are needed
 * @param estimator of the divergence
 * @param ratioWeighted multiply the estimate by the ratio ρ, gradient through ρ included, which makes it unbiased for captions of an
 *     older policy (DeepSeek-V3.2, arXiv 2512.02556; TRL's {@code use_bias_correction_kl})
 */
public record KlPenalty(double weight, KlEstimator estimator, boolean ratioWeighted) {
    /** No KL term. */
    public static final KlPenalty NONE = new KlPenalty(0, KlEstimator.K3, false);

    /** @throws IllegalArgumentException if the weight is negative or not finite */
    public KlPenalty {
        Objects.requireNonNull(estimator, "estimator");
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("the KL weight must be a finite number ≥ 0, got " + weight);
        }
    }
}
