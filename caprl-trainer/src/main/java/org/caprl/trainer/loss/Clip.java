package org.caprl.trainer.loss;

/**
 * The clipped surrogate of PPO (arXiv 1707.06347, equation 7): -min(ρÂ, clip(ρ, 1 - low, 1 + high) Â). Different bounds are DAPO's
 * "clip higher".
 *
 * @param low ε_low, in [0, 1]
 * @param high ε_high, ≥ 0
 * @param cap upper bound of the unclipped ratio, which also bounds the loss of a negative advantage (two-sided clipping, TRL's
 *     {@code delta}; arXiv 2505.07291); infinite for none
 */
public record Clip(double low, double high, double cap) {
    /** @throws IllegalArgumentException if a bound is out of its range */
    public Clip {
        if (!(low >= 0 && low <= 1)) {
            throw new IllegalArgumentException("clip low must be in [0, 1], got " + low);
        }
        if (!(high >= 0) || !(cap > 0)) {
            throw new IllegalArgumentException("clip high must be ≥ 0 and the cap > 0, got " + high + " and " + cap);
        }
    }

    /** Without a cap. */
    public Clip(double low, double high) {
        this(low, high, Double.POSITIVE_INFINITY);
    }

    double loss(double ratio, double advantage) {
        return -Math.min(Math.min(ratio, cap) * advantage, clamp(ratio) * advantage);
    }

    /** d loss / d log ρ. At a tie of the two terms the ratio is inside its bounds, where both have the same derivative. */
    double lossByLogRatio(double ratio, double advantage) {
        boolean unclipped = Math.min(ratio, cap) * advantage <= clamp(ratio) * advantage;
        return unclipped && ratio <= cap ? -ratio * advantage : 0.0;
    }

    boolean clipsLow(double ratio, double advantage) {
        return Math.min(ratio, cap) < 1 - low && advantage < 0;
    }

    boolean clipsHigh(double ratio, double advantage) {
        return Math.min(ratio, cap) > 1 + high && advantage > 0;
    }

    private double clamp(double ratio) {
        return Math.clamp(ratio, 1 - low, 1 + high);
    }
}
