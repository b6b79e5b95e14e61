package org.caprl.core.tensor;

import java.util.Arrays;

/**
 * Who attends to whom: for each range of query rows, the key rows that it sees, in order, and whether the last range is causal.
 *
 * <p>Everything is a plan: packed training rows, vision windows, full vision blocks, decode over pages, and G captions that share one
 * prompt. The same plan drives backward. Key rows are rows of the {@code k} and {@code v} given to {@link TensorOps#attention}.
 *
 * <p>A causal last range is aligned at its end: of n queries, query i sees keys of that range up to {@code end - (n - 1 - i)}. So a
 * sequence that attends to itself has its own rows as the last range, and decode of one token has n = 1 and sees all.
 *
 * <pre>{@code
 * // one prompt of 3 rows, two captions of 2 rows each, packed
 * new AttentionPlan()
 *     .queries(0, 3).keys(0, 3).causal()
 *     .queries(3, 5).keys(0, 3).keys(3, 5).causal()
 *     .queries(5, 7).keys(0, 3).keys(5, 7).causal();
 * }</pre>
 *
 * <p>Plans can be cleared and filled again without allocation, which decoding does each step.
 */
public final class AttentionPlan {
    private int segments;
    private int ranges;
    private int[] queryStart = new int[16];
    private int[] queryEnd = new int[16];
    private int[] firstRange = new int[17];
    private boolean[] causal = new boolean[16];
    private int[] keyStart = new int[32];
    private int[] keyEnd = new int[32];

    /** One sequence that attends to itself causally: rows 0 to n. */
    public static AttentionPlan causal(int n) {
        return new AttentionPlan().queries(0, n).keys(0, n).causal();
    }

    /** Forgets everything, keeping the arrays. */
    public AttentionPlan clear() {
        segments = 0;
        ranges = 0;
        return this;
    }

    /** Starts a segment: query rows {@code start} (inclusive) to {@code end} (exclusive). */
    public AttentionPlan queries(int start, int end) {
        if (segments == queryStart.length) {
            queryStart = Arrays.copyOf(queryStart, segments * 2);
            queryEnd = Arrays.copyOf(queryEnd, segments * 2);
            causal = Arrays.copyOf(causal, segments * 2);
            firstRange = Arrays.copyOf(firstRange, segments * 2 + 1);
        }
        queryStart[segments] = start;
        queryEnd[segments] = end;
        causal[segments] = false;
        firstRange[segments] = ranges;
        segments++;
        firstRange[segments] = ranges;
        return this;
    }

    /** Adds a range of key rows to the segment begun last; ranges that touch are joined. Empty ranges are left out. */
    public AttentionPlan keys(int start, int end) {
        if (end <= start) {
            return this;
        }
        if (ranges > firstRange[segments - 1] && keyEnd[ranges - 1] == start) {
            keyEnd[ranges - 1] = end;
            return this;
        }
        if (ranges == keyStart.length) {
            keyStart = Arrays.copyOf(keyStart, ranges * 2);
            keyEnd = Arrays.copyOf(keyEnd, ranges * 2);
        }
        keyStart[ranges] = start;
        keyEnd[ranges] = end;
        ranges++;
        firstRange[segments] = ranges;
        return this;
    }

    /** Makes the last range of the segment begun last causal. */
    public AttentionPlan causal() {
        causal[segments - 1] = true;
        return this;
    }

    /**
     * The plan of some of the query rows, which become rows 0 to {@code rows.length}; they see the keys that they saw.
     *
     * <p>Rows 1 and 2 of {@link #causal causal(4)} become {@code queries(0, 2).keys(0, 3).causal()}.
     *
     * @param rows rising, each a query row of this plan
     */
    public AttentionPlan of(int[] rows) {
        AttentionPlan some = new AttentionPlan();
        int s = 0;
        for (int i = 0; i < rows.length;) {
            int tried = 0;
            while (rows[i] < queryStart[s] || rows[i] >= queryEnd[s]) {
                if (tried++ == segments) {
                    throw new IllegalArgumentException("row " + rows[i] + " is not a query of the plan");
                }
                s = (s + 1) % segments;
            }
            int first = i;
            for (i++; i < rows.length && rows[i] < queryEnd[s] && rows[i] == rows[i - 1] + 1;) {
                i++;
            }
            some.queries(first, i);
            int left = causal[s] ? keyCount(s) - (queryEnd[s] - 1 - rows[i - 1]) : keyCount(s);
            for (int r = firstRange[s]; r < firstRange[s + 1] && left > 0; r++) {
                some.keys(keyStart[r], Math.min(keyEnd[r], keyStart[r] + left));
                left -= keyEnd[r] - keyStart[r];
            }
            if (causal[s]) {
                some.causal();
            }
        }
        return some;
    }

    /** Number of segments. */
    public int segments() {
        return segments;
    }

    /** First query row of segment {@code s}. */
    public int queryStart(int s) {
        return queryStart[s];
    }

    /** Row after the last query row of segment {@code s}. */
    public int queryEnd(int s) {
        return queryEnd[s];
    }

    /** Index of the first key range of segment {@code s}; its ranges end at {@code firstRange(s + 1)}. */
    public int firstRange(int s) {
        return firstRange[s];
    }

    /** First key row of range {@code r}. */
    public int keyStart(int r) {
        return keyStart[r];
    }

    /** Row after the last key row of range {@code r}. */
    public int keyEnd(int r) {
        return keyEnd[r];
    }

    /** Whether the last range of segment {@code s} is causal. */
    public boolean isCausal(int s) {
        return causal[s];
    }

    /** Keys that the last query of segment {@code s} sees: the sum of its ranges. */
    public int keyCount(int s) {
        int n = 0;
        for (int r = firstRange[s]; r < firstRange[s + 1]; r++) {
            n += keyEnd[r] - keyStart[r];
        }
        return n;
    }
}
