package org.caprl.rollout.ray;

import org.caprl.core.RunStoppedException;

/** Counts the actors that a run lost, and the time until each was replaced. */
public final class ActorLosses {
    private final int most;
    private final String key;
    private int inRow;
    private int total;
    private double seconds;

    /**
     * A count.
     *
     * @param most losses without a step in between
     * @param key config key of that number, for the error
     */
    public ActorLosses(int most, String key) {
        this.most = most;
        this.key = key;
    }

    /** Counts one. @throws RunStoppedException if it is one too many */
    synchronized void add(RuntimeException loss) {
        inRow++;
        total++;
        if (inRow > most) {
            throw new RunStoppedException(inRow + " actors were lost without a step in between, " + key + " allows " + most + "; the last: "
                    + loss.getMessage(), loss);
        }
    }

    synchronized void recovered(long nanos) {
        seconds += nanos / 1e9;
    }

    /** A step is complete: what was lost before it does not count any more. */
    public synchronized void stepDone() {
        inRow = 0;
    }

    /** Actors lost so far. */
    public synchronized int total() {
        return total;
    }

    /** Seconds between losses and replacements since the last call. */
    public synchronized double takeSeconds() {
        double taken = seconds;
        seconds = 0;
        return taken;
    }
}
