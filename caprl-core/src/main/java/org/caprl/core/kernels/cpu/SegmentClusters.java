package org.caprl.core.kernels.cpu;

import java.util.Arrays;
import org.caprl.core.tensor.AttentionPlan;

/**
 * The segments of a plan in runs, such that no two runs see the same key rows: a prompt with its captions is one. Gradients of keys are
 * summed within a run only, so runs can go to any thread.
 */
final class SegmentClusters {
    private int count;
    /** First segment of each; one more entry holds the number of segments. */
    private int[] first = new int[17];
    /** Lowest key row that each sees. */
    private int[] low = new int[16];
    /** Row after the highest key row that each sees. */
    private int[] high = new int[16];
    /** Row after the last query, and key, while there was no gap; else -1. */
    private int nextQuery;
    private int nextKey;

    /** The runs of a plan, in its order. */
    void of(AttentionPlan plan) {
        count = 0;
        int highest = 0;
        nextQuery = 0;
        nextKey = 0;
        for (int s = 0; s < plan.segments(); s++) {
            int from = Integer.MAX_VALUE;
            int to = 0;
            for (int r = plan.firstRange(s); r < plan.firstRange(s + 1); r++) {
                from = Math.min(from, plan.keyStart(r));
                to = Math.max(to, plan.keyEnd(r));
            }
            int joined = from >= highest ? count : firstThatMeets(from, to);
            add(joined, s, from, to);
            highest = Math.max(highest, to);
            nextQuery = plan.queryStart(s) == nextQuery ? plan.queryEnd(s) : -1;
        }
        first[count] = plan.segments();
        for (int c = 0; c < count; c++) {
            nextKey = low[c] == nextKey ? high[c] : -1;
        }
    }

    /** Whether each query and key row up to these numbers lies in the rows of exactly one run. */
    boolean cover(int queryRows, int keyRows) {
        return nextQuery == queryRows && nextKey == keyRows;
    }

    /** Lowest key row of run {@code c}. */
    int low(int c) {
        return low[c];
    }

    /** Row after the highest key row of run {@code c}. */
    int high(int c) {
        return high[c];
    }

    private int firstThatMeets(int from, int to) {
        for (int c = 0; c < count; c++) {
            if (from < high[c] && low[c] < to) {
                return c;
            }
        }
        return count;
    }

    /** Joins all runs from {@code c} on with a new segment, or begins a run. */
    private void add(int c, int segment, int from, int to) {
        int newLow = from;
        int newHigh = to;
        for (int i = c; i < count; i++) {
            newLow = Math.min(newLow, low[i]);
            newHigh = Math.max(newHigh, high[i]);
        }
        if (c == count && c == low.length) {
            first = Arrays.copyOf(first, 2 * c + 1);
            low = Arrays.copyOf(low, 2 * c);
            high = Arrays.copyOf(high, 2 * c);
        }
        if (c == count) {
            first[c] = segment;
        }
        low[c] = newLow;
        high[c] = newHigh;
        count = c + 1;
    }

    int count() {
        return count;
    }

    /** First segment of run {@code c}. */
    int from(int c) {
        return first[c];
    }

    /** Segment after the last of run {@code c}. */
    int to(int c) {
        return first[c + 1];
    }
}
