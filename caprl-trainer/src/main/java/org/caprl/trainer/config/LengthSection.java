package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * The length reward: 1 up to l1 tokens, falling linearly to 0 at l2.
 *
 * @param weight in the sum of the parts
 * @param l1 tokens up to which it is 1
 * @param l2 tokens from which on it is 0
 */
public record LengthSection(
        @Key(doc = "Weight of the length reward.", defaultValue = "0.0", min = 0) double weight,
        @Key(doc = "Tokens up to which the length reward is 1.", defaultValue = "2048", min = 0) int l1,
        @Key(doc = "Tokens from which on the length reward is 0.", defaultValue = "3072", min = 1) int l2) {
    /** @throws IllegalArgumentException unless l1 is less than l2 */
    public LengthSection {
        if (l1 >= l2) {
            throw new IllegalArgumentException("l1 must be less than l2, got l1 " + l1 + " and l2 " + l2);
        }
    }
}
