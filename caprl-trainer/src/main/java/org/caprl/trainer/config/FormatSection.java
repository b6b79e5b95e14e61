package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * The reward of time stamps in captions of videos.
 *
 * @param weight in the sum of the parts
 */
public record FormatSection(
        @Key(doc = "Weight of the reward of `[mm:ss]` and `[mm:ss - mm:ss]` marks: their number up to 3, their share of valid ones, "
                + "their order.", defaultValue = "0.0", min = 0) double weight) {
}
