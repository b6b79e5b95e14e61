package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.core.data.synth.CaptionNoise;

/**
 * How the captions of {@code synth: policy} fall short of the full ones.
 *
 * @param mentionColour probability
 * @param mentionAttribute probability
 * @param mentionObject probability
 * @param wrong probability
 */
public record NoiseSection(
        @Key(doc = "Probability that the colour of a mentioned object is stated.", defaultValue = "0.75", min = 0, max = 1)
        double mentionColour,
        @Key(doc = "Probability that another attribute of a mentioned object is stated, and each closing fact.", defaultValue = "0.4",
                min = 0, max = 1) double mentionAttribute,
        @Key(doc = "Probability that an object or bar is mentioned at all.", defaultValue = "0.75", min = 0, max = 1) double mentionObject,
        @Key(doc = "Probability that what is stated is wrong.", defaultValue = "0.12", min = 0, max = 1) double wrong) {
    /** The noise with these settings. */
    public CaptionNoise noise() {
        return new CaptionNoise(mentionColour, mentionAttribute, mentionObject, wrong);
    }
}
