package org.caprl.trainer.update;

/**
 * What the updates of one step did.
 *
 * @param loss mean over the step's updates
 * @param kl mean KL estimate a token
 * @param clipShare share of ratios that the clip cut off
 * @param entropy mean entropy of the policy a token, nats
 * @param gradNorm norm of the gradient before clipping, mean over updates
 * @param lr learning rate of the last update
 * @param gapMax largest |trainer log-prob - rollout log-prob| over the tokens of the first update, before it
 * @param gapMean mean of the same
 * @param rows rows that went through the model
 * @param images images that were encoded
 */
public record UpdateReport(double loss, double kl, double clipShare, double entropy, double gradNorm, double lr, double gapMax,
        double gapMean, long rows, long images) {
}
