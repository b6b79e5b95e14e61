package org.caprl.trainer.update;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Cuts groups into micro-batches by a budget of rows. Items are never split. */
public final class MicroBatches {
    private MicroBatches() {
    }

    /**
     * Consecutive groups of at most {@code budget} rows together; a group larger than the budget stands alone.
     *
     * <p>Worked example: rows 3, 4, 2, 9 with a budget of 7 give (3, 4), (2), (9).
     */
    public static <T> List<List<T>> of(List<T> groups, ToIntFunction<T> rows, int budget) {
        List<List<T>> batches = new ArrayList<>();
        List<T> open = new ArrayList<>();
        long filled = 0;
        for (T group : groups) {
            int n = rows.applyAsInt(group);
            if (!open.isEmpty() && filled + n > budget) {
                batches.add(open);
                open = new ArrayList<>();
                filled = 0;
            }
            open.add(group);
            filled += n;
        }
        if (!open.isEmpty()) {
            batches.add(open);
        }
        return batches;
    }

    /** Cuts a list into {@code parts} consecutive pieces whose lengths differ by at most one; empty pieces are left out. */
    public static <T> List<List<T>> split(List<T> items, int parts) {
        List<List<T>> pieces = new ArrayList<>();
        for (int p = 0; p < parts; p++) {
            int from = (int) ((long) items.size() * p / parts);
            int to = (int) ((long) items.size() * (p + 1) / parts);
            if (to > from) {
                pieces.add(items.subList(from, to));
            }
        }
        return pieces;
    }
}
