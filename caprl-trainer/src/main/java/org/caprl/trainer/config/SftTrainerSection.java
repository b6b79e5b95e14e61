package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.update.LearningRateSchedule;

/**
 * How supervised training updates the model: one AdamW update a step on the mean loss of its scored tokens.
 *
 * @param steps of the run
 * @param examplesPerStep examples of a step
 * @param microBatchTokens limit of memory, without influence on the result
 * @param lr peak learning rate
 * @param beta1 of AdamW
 * @param beta2 of AdamW
 * @param epsilon of AdamW
 * @param weightDecay of AdamW
 * @param maxGradNorm clipping of the whole gradient
 * @param schedule of the learning rate
 */
public record SftTrainerSection(
        @Key(doc = "Optimiser updates.", min = 1) int steps,
        @Key(doc = "Examples of a step.", defaultValue = "32", min = 1) int examplesPerStep,
        @Key(doc = "Tokens of which activations are held at once. Changes memory and speed, never the result.",
                defaultValue = "8192", min = 1)
        int microBatchTokens,
        @Key(doc = "Peak learning rate of AdamW.", defaultValue = "2e-5", min = 0) double lr,
        @Key(doc = "Decay of AdamW's mean of gradients.", defaultValue = "0.9", min = 0, exclusiveMax = 1) double beta1,
        @Key(doc = "Decay of AdamW's mean of squared gradients.", defaultValue = "0.999", min = 0, exclusiveMax = 1) double beta2,
        @Key(doc = "Added to the root of AdamW's mean of squares.", defaultValue = "1e-8", exclusiveMin = 0) double epsilon,
        @Key(doc = "Decoupled weight decay of AdamW, for matrices: biases and norms have none.", defaultValue = "0.0", min = 0)
        double weightDecay,
        @Key(doc = "The whole gradient is scaled down to this norm when it is longer; 0 never.",
                defaultValue = "1.0", min = 0) double maxGradNorm,
        @Key(doc = "Course of the learning rate.") ScheduleSection schedule) {
    /** The rate of every update of the run. */
    public LearningRateSchedule learningRates() {
        return schedule.rates(lr, 1, steps);
    }
}
