package org.caprl.trainer.loss;

import java.util.Objects;

/**
 * What the loss needs to know of one caption o of |o| tokens. All log-probs are tempered (logits divided by the sampling temperature).
 *
 * @param newLogp log π_θ(o_t), float[|o|]: of the policy that is being updated
 * @param oldLogp log π_old(o_t), float[|o|]: of the policy that wrote the caption; the same array as {@code newLogp} makes the ratio
 *     exactly 1
 * @param refLogp log π_ref(o_t), float[|o|]: of the reference policy; null where the loss has no KL term
 * @param advantage Â of the caption, the same for each token
 * @param masked the caption counts as a caption but none of its tokens does (for instance a truncated one)
 */
public record CaptionTokens(float[] newLogp, float[] oldLogp, float[] refLogp, float advantage, boolean masked) {
    /** @throws IllegalArgumentException if the arrays differ in length */
    public CaptionTokens {
        Objects.requireNonNull(newLogp, "newLogp");
        Objects.requireNonNull(oldLogp, "oldLogp");
        if (oldLogp.length != newLogp.length || refLogp != null && refLogp.length != newLogp.length) {
            throw new IllegalArgumentException("a caption of " + newLogp.length + " new log-probs has " + oldLogp.length + " old ones"
                    + (refLogp == null ? "" : " and " + refLogp.length + " of the reference"));
        }
    }

    /** Tokens that count: |o|, or 0 if masked. */
    public int tokens() {
        return masked ? 0 : newLogp.length;
    }
}
