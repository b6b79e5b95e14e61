package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.advantage.GroupAdvantages;

/**
 * From rewards to advantages; defaults are TRL's.
 *
 * @param scale what the deviation is taken over
 * @param std its estimator
 * @param epsilon added to it
 */
public record AdvantageSection(
        @Key(doc = "Centred rewards are divided by the standard deviation of their `group`, of the whole `batch`, or by nothing (`none`).",
                defaultValue = "group") GroupAdvantages.Scale scale,
        @Key(doc = "The deviation divides by n - 1 (`sample`) or n (`population`).", defaultValue = "sample") GroupAdvantages.Std std,
        @Key(doc = "Added to the deviation.", defaultValue = "1e-4", min = 0) double epsilon) {
    /** The function with these settings. */
    public GroupAdvantages function() {
        return new GroupAdvantages(scale, std, epsilon);
    }
}
