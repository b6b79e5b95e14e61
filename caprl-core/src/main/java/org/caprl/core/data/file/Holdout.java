package org.caprl.core.data.file;

import org.caprl.core.random.CounterRandom;

/**
 * Which rows are held out from training. A row's id alone decides, so that a row stays on its side whatever the seed of a run is, and when
 * rows are added or files are split.
 *
 * @param share of the rows, in expectation; 0 holds nothing out
 */
public record Holdout(double share) {
    /** Nothing is held out. */
    public static final Holdout NONE = new Holdout(0);

    private static final long PURPOSE = CounterRandom.hash("held-out rows");

    /** @throws IllegalArgumentException if the share is not in [0, 1) */
    public Holdout {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("a held-out share is at least 0 and below 1, got " + share);
        }
    }

    /** Whether the row of this id is held out. */
    public boolean holds(String id) {
        return CounterRandom.uniform(CounterRandom.with(PURPOSE, CounterRandom.hash(id)), 0) < share;
    }
}
