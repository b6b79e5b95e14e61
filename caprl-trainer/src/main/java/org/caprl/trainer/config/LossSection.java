package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlEstimator;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;

/**
 * The policy loss; defaults are TRL's.
 *
 * @param average of the token losses
 * @param level of the ratio
 * @param clipLow ε_low
 * @param clipHigh ε_high
 * @param klWeight β
 * @param klEstimator estimator of the KL divergence
 * @param klRatioWeighting ratio in front of the estimate
 * @param entropyWeight of the entropy bonus
 * @param maskTruncated leave cut-off captions out
 */
public record LossSection(
        @Key(doc = "`grpo` a caption, then over captions; `bnpo` over the tokens of the update; `dapo` over the tokens of the step; "
                + "`dr_grpo` by `rollout.max_new_tokens`.", defaultValue = "dapo") LossAverage average,
        @Key(doc = "The ratio of new to old probability: of each `token`, or of the whole `sequence`.",
                defaultValue = "token") RatioLevel level,
        @Key(doc = "The ratio is clipped below 1 minus this.", defaultValue = "0.2", min = 0, max = 1) double clipLow,
        @Key(doc = "The ratio is clipped above 1 plus this.", defaultValue = "0.2", min = 0) double clipHigh,
        @Key(doc = "Weight of the KL divergence from the starting policy. Above 0 a second copy of the weights is kept, "
                + "unless `policy.lora` trains adapters: then the weights themselves are that policy.",
                defaultValue = "0.0", min = 0)
        double klWeight,
        @Key(doc = "Estimator of the divergence from one sample (Schulman 2020).", defaultValue = "k3") KlEstimator klEstimator,
        @Key(doc = "Multiply the estimate by the ratio, which makes it unbiased for captions of an older policy.", defaultValue = "false")
        boolean klRatioWeighting,
        @Key(doc = "Weight of the entropy bonus.", defaultValue = "0.0", min = 0) double entropyWeight,
        @Key(doc = "Tokens of captions that `rollout.max_new_tokens` cut off don't count in the loss.", defaultValue = "false")
        boolean maskTruncated) {
    /** The loss with these settings. */
    public GrpoLoss function() {
        return new GrpoLoss(level, new Clip(clipLow, clipHigh),
                new KlPenalty(klWeight, klEstimator, klRatioWeighting), entropyWeight, average);
    }
}
