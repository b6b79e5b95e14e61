package org.caprl.trainer.loss;

/**
 * The loss of some captions of an update, and its gradient. Losses and gradients of the micro-batches of one update add up to those of
 * the update.
 *
 * @param loss their part of L, the entropy bonus included
 * @param tokenLoss l_it before averaging and without the entropy bonus, float[caption][token]; 0 for a masked caption
 * @param gradLogp ∂L/∂ log π_θ(o_t), float[caption][token]; 0 for a masked caption
 * @param gradEntropy ∂L/∂H_t, the same for every unmasked token of the update (it does not depend on the captions); 0 for masked ones
 * @param metrics sums over these captions
 */
public record PolicyLoss(double loss, float[][] tokenLoss, float[][] gradLogp, float gradEntropy, LossMetrics metrics) {
}
