package org.caprl.core.generate;

import org.caprl.core.tensor.AttentionPlan;

/** A piece of a sequence in a {@link PagedKvCache}: rows in order, on pages that go back when the last holder releases them. */
final class KvSpan {
    private final PagedKvCache cache;
    private final int pageRows;
    private final int[] pages;
    private int taken;
    private int length;
    private int holders = 1;

    KvSpan(PagedKvCache cache, int mostPages) {
        this.cache = cache;
        this.pageRows = cache.pageRows();
        this.pages = new int[mostPages];
    }

    /** Rows so far. */
    int length() {
        return length;
    }

    /** One more row; returns where it lies in the pool. */
    int append() {
        int page = length / pageRows;
        if (page == taken) {
            pages[taken++] = cache.takePage(page == 0 ? -1 : pages[page - 1] + 1);
        }
        return pages[page] * pageRows + length++ % pageRows;
    }

    /** Appends {@code count} rows to an empty span, in one stretch of the pool where there is one, and writes where they lie. */
    void append(int count, int[] slots, int at) {
        int first = cache.stretch(cache.pagesFor(count));
        if (taken == 0 && first >= 0) {
            pages[taken++] = cache.takePage(first);
        }
        for (int i = 0; i < count; i++) {
            slots[at + i] = append();
        }
    }

    /** Adds all rows to the plan's present segment. */
    void keys(AttentionPlan plan) {
        keys(plan, length);
    }

    private void keys(AttentionPlan plan, int rows) {
        for (int row = 0, page = 0; row < rows; row += pageRows, page++) {
            int start = pages[page] * pageRows;
            plan.keys(start, start + Math.min(pageRows, rows - row));
        }
    }

    /**
     * Segments for a pass over all rows of this span: each row sees {@code before} and this span up to itself. A causal range must hold
     * all its queries, so there is one segment for each stretch of touching pages.
     *
     * @param firstQuery query row of the span's first row
     * @param before the span that comes first in the sequence, or null
     */
    void causalSegments(AttentionPlan plan, int firstQuery, KvSpan before) {
        int row = 0;
        while (row < length) {
            int end = Math.min(row + pageRows, length);
            while (end < length && pages[end / pageRows] == pages[end / pageRows - 1] + 1) {
                end = Math.min(end + pageRows, length);
            }
            plan.queries(firstQuery + row, firstQuery + end);
            if (before != null) {
                before.keys(plan);
            }
            keys(plan, end);
            plan.causal();
            row = end;
        }
    }

    /** One more holder. */
    void retain() {
        holders++;
    }

    /** One holder less; the last gives the pages back. */
    void release() {
        if (--holders == 0) {
            cache.giveBack(pages, taken, pages.length - taken);
            taken = 0;
            length = 0;
        }
    }
}
