package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Memory;

/**
 * The key (or value) rows that a segment of a plan sees, of one head, copied to one place: as rows one after another, or as panels of
 * {@link Panels#WIDTH} rows side by side, column after column. What a segment sees first as the one before did, a shared prompt, stays.
 */
final class SegmentRows implements AutoCloseable {
    private final Scratch scratch;
    private final boolean panels;
    private AttentionPlan plan;
    private long from;
    private long step;
    private int width;
    private long address;
    private int head;
    private int segment;

    SegmentRows(Memory memory, boolean panels) {
        this.scratch = new Scratch(memory);
        this.panels = panels;
    }

    /** Room for {@code most} rows; from here on the rows are those of {@code newFrom}, [rows, heads, columns]. */
    void start(AttentionPlan newPlan, long newFrom, int heads, int columns, int most) {
        plan = newPlan;
        from = newFrom;
        step = 4L * heads * columns;
        width = columns;
        segment = -1;
        address = scratch.floats((long) (most + Panels.WIDTH) * columns);
    }

    void end() {
        plan = null;
    }

    /** The address of the rows of segment {@code s}. */
    long of(int s, int newHead) {
        if (segment != s || head != newHead) {
            copy(s, newHead, segment >= 0 && head == newHead ? common(segment, s) : 0);
            head = newHead;
            segment = s;
        }
        return address;
    }

    /** All but the first {@code common} rows. */
    private void copy(int s, int newHead, int common) {
        int keys = plan.keyCount(s);
        int last = (keys - 1) / Panels.WIDTH * Panels.WIDTH;
        if (panels && keys % Panels.WIDTH != 0 && last >= common) {
            Lanes.clear(address + 4L * last * width, 4L * Panels.WIDTH * width);
        }
        int j = 0;
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1); r++) {
            int length = plan.keyEnd(r) - plan.keyStart(r);
            int have = Math.clamp(common - j, 0, length);
            long row = from + (plan.keyStart(r) + have) * step + 4L * newHead * width;
            if (panels) {
                toPanels(row, j + have, length - have);
            } else {
                Rows.copy(length - have, width, row, step, address + 4L * (j + have) * width);
            }
            j += length;
        }
    }

    /** How many rows two segments see alike, from the first on. */
    private int common(int s, int t) {
        int count = 0;
        int a = plan.firstRange(s);
        int b = plan.firstRange(t);
        while (a < plan.firstRange(s + 1) && b < plan.firstRange(t + 1) && plan.keyStart(a) == plan.keyStart(b)) {
            count += Math.min(plan.keyEnd(a), plan.keyEnd(b)) - plan.keyStart(a);
            if (plan.keyEnd(a) != plan.keyEnd(b)) {
                break;
            }
            a++;
            b++;
        }
        return count;
    }

    private void toPanels(long row, int first, int rows) {
        for (int j = first; j < first + rows; j++) {
            long to = address + 4L * ((long) (j / Panels.WIDTH) * width * Panels.WIDTH + j % Panels.WIDTH);
            column(row + (j - first) * step, to, width);
        }
    }

    private static void column(long row, long to, int width) {
        for (int d = 0; d < width; d++) {
            Lanes.setInt(to + 4L * d * Panels.WIDTH, Lanes.getInt(row + 4L * d));
        }
    }

    @Override
    public void close() {
        scratch.close();
    }
}
