package org.caprl.core.parity;

import java.util.Locale;

/** What is compared, in the order of the table, with the largest difference that passes (float32; 0 where equality is asked for). */
public enum Quantity {
    /** The rendered chat template: differing characters. */
    PROMPT_TEXT(0),
    /** Token ids of the prompt, image places expanded: differing ids. */
    INPUT_IDS(0),
    /** Images as the vision tower reads them, before normalisation: differing bytes. */
    RESIZED_PIXELS(0),
    /** The same, normalised. */
    PIXEL_VALUES(1e-6),
    /** Rotary positions, where the completion continues, and the order of windows: differing integers. */
    POSITION_IDS(0),
    /** Outputs of the vision tower, relative to the largest entry of each. */
    VISION(2e-4),
    /** Inputs of the decoder layers and the normed output, relative to the largest entry of each. */
    HIDDEN_STATES(2e-4),
    /** Raw logits of the prompt. */
    LOGITS(2e-4),
    /** Log-probabilities of the given completion. */
    LOGPROBS(2e-4),
    /** Entropies at the same places, in nats. */
    ENTROPY(2e-4),
    /** Greedy continuation: differing ids, up to the tie rule. */
    GREEDY(0),
    /** The same with a repetition penalty. */
    GREEDY_REP(0),
    /** The same with tokens that end it. */
    STOP(0),
    /** Prompts in company: differing ids of their continuations, or else the largest difference of their last logits. */
    BATCH(2e-4),
    /** Gradients of the completion's mean negative log-likelihood: norm of the difference relative to the norm of each tensor. */
    GRADS(1e-3),
    /** Losses along AdamW steps. */
    ADAMW(1e-4);

    private final double tolerance;

    Quantity(double tolerance) {
        this.tolerance = tolerance;
    }

    /** The name that reports use. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Largest difference that passes. */
    public double tolerance() {
        return tolerance;
    }
}
