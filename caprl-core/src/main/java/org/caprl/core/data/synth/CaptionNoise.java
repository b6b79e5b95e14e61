package org.caprl.core.data.synth;

import java.util.stream.DoubleStream;

/**
 * How a caption falls short of the full one.
 *
 * @param mentionColour    probability that the colour of a mentioned object is stated
 * @param mentionAttribute probability that another attribute of a mentioned object is stated, and each closing fact
 * @param mentionObject    probability that an object or bar is mentioned at all
 * @param wrong            probability that a stated attribute has another value
 */
public record CaptionNoise(double mentionColour, double mentionAttribute, double mentionObject, double wrong) {
    /** Everything, and all of it true. */
    public static final CaptionNoise NONE = new CaptionNoise(1, 1, 1, 0);

    /** Colours are stated as often as other attributes. */
    public CaptionNoise(double mentionAttribute, double mentionObject, double wrong) {
        this(mentionAttribute, mentionAttribute, mentionObject, wrong);
    }

    /** The probability that this attribute is stated. */
    double mention(String attribute) {
        return attribute.equals("colour") ? mentionColour : mentionAttribute;
    }

    /** @throws IllegalArgumentException unless all four are in [0, 1] */
    public CaptionNoise {
        if (!DoubleStream.of(mentionColour, mentionAttribute, mentionObject, wrong).allMatch(p -> p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("probabilities are in [0, 1], got mentionColour " + mentionColour + ", mentionAttribute "
                    + mentionAttribute + ", mentionObject " + mentionObject + ", wrong " + wrong);
        }
    }
}
