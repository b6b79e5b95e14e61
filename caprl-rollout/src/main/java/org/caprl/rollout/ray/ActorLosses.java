package org.caprl.rollout.ray;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.RunStoppedException;

/** Counts the actors that a run lost, and the time until each was replaced. */
public final class ActorLosses {
    private final int most;
    private final String key;
    private final Map<String, List<String>> inRow = new HashMap<>();
    private int total;
    private int missing;
    private long since;
    private double seconds;
    private final List<String> untold = new ArrayList<>();

    /**
     * A count.
     *
     * @param most losses of one place without a step in between: what happens to a node happens to many places at once
     * @param key config key of that number, for the error
     */
    public ActorLosses(int most, String key) {
        this.most = most;
        this.key = key;
    }

    /** Counts one. @throws RunStoppedException if it is one too many of the place */
    synchronized void add(String place, RuntimeException loss) {
        List<String> reasons = inRow.computeIfAbsent(place, p -> new ArrayList<>());
        reasons.add(loss.getMessage());
        total++;
        untold.add(loss.getMessage() + "; another takes its place");
        if (reasons.size() > most) {
            throw new RunStoppedException(place + " was lost too often without a step in between, " + key + " allows " + most + ": "
                    + String.join("; then ", reasons), loss);
        }
    }

    /** An actor is to be replaced. */
    synchronized void missing() {
        if (missing++ == 0) {
            since = System.nanoTime();
        }
    }

    /** It has been, or never will be. */
    synchronized void replaced() {
        if (--missing == 0) {
            seconds += (System.nanoTime() - since) / 1e9;
        }
    }

    /** A step is complete: what was lost before it does not count any more. */
    public synchronized void stepDone() {
        inRow.clear();
    }

    /** What was lost since the last call, a line each. */
    public synchronized List<String> takeLines() {
        List<String> taken = List.copyOf(untold);
        untold.clear();
        return taken;
    }

    /** Actors lost so far. */
    public synchronized int total() {
        return total;
    }

    /** Seconds since the last call in which any actor was missing; those of one that still is count when it is replaced. */
    public synchronized double takeSeconds() {
        double taken = seconds;
        seconds = 0;
        return taken;
    }
}
