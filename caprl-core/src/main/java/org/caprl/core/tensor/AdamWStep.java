package org.caprl.core.tensor;

/**
 * Numbers of one AdamW update, as {@code torch.optim.AdamW} defines it.
 *
 * @param lr learning rate
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the bias-corrected second moment
 * @param weightDecay decoupled weight decay
 * @param step 1 for the first update
 * @param gradScale factor on the gradient before anything else (clipping by global norm, averages)
 */
public record AdamWStep(double lr, double beta1, double beta2, double epsilon, double weightDecay, int step, double gradScale) {
}
