package org.caprl.core.data.synth;

/**
 * How a caption falls short of the full one.
 *
 * @param mentionAttribute probability that an attribute of a mentioned object is stated, and each closing fact
 * @param mentionObject    probability that an object or bar is mentioned at all
 * @param wrong            probability that a stated attribute has another value
 */
public record CaptionNoise(double mentionAttribute, double mentionObject, double wrong) {
    /** Everything, and all of it true. */
    public static final CaptionNoise NONE = new CaptionNoise(1, 1, 0);

    /** @throws IllegalArgumentException unless all three are in [0, 1] */
    public CaptionNoise {
        if (!(mentionAttribute >= 0 && mentionAttribute <= 1 && mentionObject >= 0 && mentionObject <= 1 && wrong >= 0 && wrong <= 1)) {
            throw new IllegalArgumentException("probabilities are in [0, 1], got mentionAttribute " + mentionAttribute + ", mentionObject "
                    + mentionObject + ", wrong " + wrong);
        }
    }
}
