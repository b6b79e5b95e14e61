package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * The synthetic data set of {@code caprl data synth}.
 *
 * @param train rows to learn from
 * @param eval held-out rows
 * @param seed of the scenes
 */
public record SynthSection(
        @Key(doc = "Rows to learn from.", min = 1) int train,
        @Key(doc = "Held-out rows.", min = 1) int eval,
        @Key(doc = "Of the scenes.", defaultValue = "0") long seed) {
}
