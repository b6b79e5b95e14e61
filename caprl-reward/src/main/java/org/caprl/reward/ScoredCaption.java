package org.caprl.reward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A caption with its reward.
 *
 * @param caption the caption
 * @param components each reward's score, by name, in the order of the rewards
 * @param total weighted sum of the components; NaN if a component that counts is unscored
 * @param unscored why the total is NaN
 */
public record ScoredCaption(GroupToScore.CaptionText caption, Map<String, Score> components, double total, Optional<String> unscored) {
    /** A scored caption; the map is copied. */
    public ScoredCaption {
        components = Collections.unmodifiableMap(new LinkedHashMap<>(components));
    }
}
