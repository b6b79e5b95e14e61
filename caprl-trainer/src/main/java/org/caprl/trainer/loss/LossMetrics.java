package org.caprl.trainer.loss;

/**
 * Sums from which the metrics of an update are formed. Sums of micro-batches add up with {@link #plus}; means are taken at the end.
 *
 * @param tokens unmasked tokens
 * @param ratios different ratios: as many as tokens at token level, as many as unmasked captions at sequence level
 * @param klSum of the KL estimates as they enter the loss (ratio-weighted where the loss weights them), over tokens
 * @param ratioSum of ρ over ratios
 * @param clippedLow ratios below the lower bound with a negative advantage
 * @param clippedHigh ratios above the upper bound with a positive advantage
 */
public record LossMetrics(long tokens, long ratios, double klSum, double ratioSum, long clippedLow, long clippedHigh) {
    /** Nothing counted yet. */
    public static final LossMetrics ZERO = new LossMetrics(0, 0, 0, 0, 0, 0);

    /** Sums of both. */
    public LossMetrics plus(LossMetrics other) {
        return new LossMetrics(tokens + other.tokens, ratios + other.ratios, klSum + other.klSum, ratioSum + other.ratioSum,
                clippedLow + other.clippedLow, clippedHigh + other.clippedHigh);
    }

    /** Mean KL a token; 0 without tokens. */
    public double kl() {
        return klSum / Math.max(1, tokens);
    }

    /** Mean ρ; 0 without tokens. */
    public double ratio() {
        return ratioSum / Math.max(1, ratios);
    }

    /** Share of the ratios that the lower bound cut off. */
    public double clipShareLow() {
        return (double) clippedLow / Math.max(1, ratios);
    }

    /** Share of the ratios that the upper bound cut off. */
    public double clipShareHigh() {
        return (double) clippedHigh / Math.max(1, ratios);
    }

    /** Share of the ratios that either bound cut off. */
    public double clipShare() {
        return clipShareLow() + clipShareHigh();
    }
}
