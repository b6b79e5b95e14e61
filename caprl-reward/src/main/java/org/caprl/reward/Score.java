package org.caprl.reward;

import java.util.List;
import java.util.Optional;

/**
 * What one reward says of one caption.
 *
 * @param value the score; NaN if there is none
 * @param unscored why there is none
 * @param details how it came about, as records that are written to the run's samples as they are; may be empty
 */
public record Score(double value, Optional<String> unscored, List<Record> details) {
    /** @throws IllegalArgumentException if a score is neither a finite number nor absent for a reason */
    public Score {
        details = List.copyOf(details);
        if (Double.isNaN(value) != unscored.isPresent() || Double.isInfinite(value)) {
            throw new IllegalArgumentException("a score is a finite number, or absent for a reason; got " + value + ", " + unscored);
        }
    }

    /** A score without details. */
    public static Score of(double value) {
        return new Score(value, Optional.empty(), List.of());
    }

    /** No score, and why. */
    public static Score unscored(String reason) {
        return new Score(Double.NaN, Optional.of(reason), List.of());
    }
}
