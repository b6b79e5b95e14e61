package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Tensor;

/**
 * Softmax attention by a plan, and its gradients.
 *
 * <p>For a query, the keys of all its ranges are one sequence: scores go into one row, each by one chain over the head's columns; the sum
 * of the exponentials has an order that depends on the number of keys only; and the values are added up key by key. So a query's result
 * has the same bits however its keys are cut into ranges and whatever other queries there are: decoding agrees with the full pass.
 *
 * <p>Forward work is shared out by blocks of queries, backward by {@link SegmentClusters} and key-value heads, so that nobody writes where
 * another does and sums have one order.
 */
final class CpuAttention implements ThreadTeam.Task, AutoCloseable {
    /** Queries of one head at a time. */
    private static final int BLOCK = 64;
    /** Below so many multiply-adds the caller works alone. */
    private static final long ALONE = 32 * 1024;
    private static final int PANEL = Panels.WIDTH;

    private final ThreadTeam team;
    private final Member[] members;
    private final SegmentClusters clusters = new SegmentClusters();
    private boolean backward;
    private AttentionPlan plan;
    private int width;
    private int heads;
    private int kvHeads;
    private int group;
    private int queryRows;
    private int keyRows;
    private int mostKeys;
    private float scale;
    private long queryStep;
    private long keyStep;
    private long q;
    private long k;
    private long v;
    private long out;
    private long logSumExp;
    private long dOut;
    private long dq;
    private long dk;
    private long dv;

    CpuAttention(ThreadTeam team, Memory memory) {
        this.team = team;
        this.members = new Member[team.size()];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(memory);
        }
    }

    void forward(Tensor queries, Tensor keys, Tensor values, AttentionPlan newPlan, int headDim, float factor, Tensor result, Tensor lse) {
        backward = false;
        set(queries, keys, values, newPlan, headDim, factor, result, lse);
        if (work(0, plan.segments()) * width * heads < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
        plan = null;
    }

    void backward(Tensor gradient, Tensor queries, Tensor keys, Tensor values, Tensor result, Tensor lse, AttentionPlan newPlan,
            int headDim, float factor, Tensor dQueries, Tensor dKeys, Tensor dValues) {
        backward = true;
        set(queries, keys, values, newPlan, headDim, factor, result, lse);
        dOut = Lanes.address(gradient);
        dq = Lanes.address(dQueries);
        dk = Lanes.address(dKeys);
        dv = Lanes.address(dValues);
        team.run(this);
        plan = null;
    }

    private void set(Tensor queries, Tensor keys, Tensor values, AttentionPlan newPlan, int headDim, float factor, Tensor result,
            Tensor lse) {
        plan = newPlan;
        width = headDim;
        heads = queries.dim(1) / headDim;
        kvHeads = keys.dim(1) / headDim;
        group = heads / kvHeads;
        queryStep = 4L * heads * width;
        keyStep = 4L * kvHeads * width;
        queryRows = queries.dim(0);
        keyRows = keys.dim(0);
        // A score of infinity, which fills rows up to whole vectors, must not become NaN.
        scale = factor == 0 ? Float.MIN_NORMAL : factor;
        q = Lanes.address(queries);
        k = Lanes.address(keys);
        v = Lanes.address(values);
        out = Lanes.address(result);
        logSumExp = lse == null ? 0 : Lanes.address(lse);
        clusters.of(newPlan);
        mostKeys = 0;
        for (int s = 0; s < plan.segments(); s++) {
            mostKeys = Math.max(mostKeys, plan.keyCount(s));
        }
    }

    @Override
    public void run(int member, int count) {
        Member m = members[member];
        m.start();
        if (backward) {
            if (!clusters.cover(queryRows, keyRows)) {
                clear(dq, queryRows * queryStep, member, count);
                clear(dk, keyRows * keyStep, member, count);
                clear(dv, keyRows * keyStep, member, count);
                team.barrier();
            }
            backward(m, member, count);
        } else {
            forward(m, member, count);
        }
        m.end();
    }

    private static void clear(long address, long bytes, int member, int count) {
        long from = bytes / 4 * member / count * 4;
        long to = bytes / 4 * (member + 1) / count * 4;
        Lanes.clear(address + from, to - from);
    }

    /** Pairs of query and key, of one head, in segments {@code from} to {@code to}. */
    private long work(int from, int to) {
        long work = 0;
        for (int s = from; s < to; s++) {
            work += (long) queries(s) * (plan.keyCount(s) + 1);
        }
        return work;
    }

    private int queries(int s) {
        return plan.queryEnd(s) - plan.queryStart(s);
    }

    /** Keys that query {@code i} of segment {@code s} sees, of {@code keys} in all. */
    private int visible(int s, int i, int keys) {
        return plan.isCausal(s) ? Math.max(keys - (queries(s) - 1 - i), 0) : keys;
    }

    private long query(int row, int head) {
        return row * queryStep + 4L * head * width;
    }

    private static int padded(int keys) {
        return (keys + PANEL - 1) / PANEL * PANEL;
    }

    /**
     * From one row of scores to the next: room for {@link Rows#fill}, and an odd number of vectors, so that rows do not compete for the
     * same lines of the cache.
     */
    private static int step(int padded) {
        return padded + 3 * Lanes.L;
    }

    private static int blocks(int queries) {
        return (queries + BLOCK - 1) / BLOCK;
    }

    /** The first query of a block; blocks of a segment differ by one query at most. */
    private static int blockStart(int queries, int block) {
        return (int) ((long) queries * block / blocks(queries));
    }

    /** The blocks of queries whose share of the whole work falls to this member. */
    private void forward(Member m, int member, int count) {
        long total = work(0, plan.segments()) * kvHeads;
        long from = total * member / count;
        long to = total * (member + 1) / count;
        long at = 0;
        for (int c = 0; c < clusters.count() && at < to; c++) {
            for (int kvHead = 0; kvHead < kvHeads && at < to; kvHead++) {
                for (int s = clusters.from(c); s < clusters.to(c) && at < to; s++) {
                    at = forwardSegment(m, s, kvHead, at, from, to);
                }
            }
        }
    }

    /** The blocks of a segment that begin at {@code from} to {@code to} of the whole work; the segment begins at {@code start}. */
    private long forwardSegment(Member m, int s, int kvHead, long start, long from, long to) {
        int queries = queries(s);
        int keys = plan.keyCount(s);
        long at = start;
        for (int block = 0; block < blocks(queries); block++) {
            int first = blockStart(queries, block);
            int end = blockStart(queries, block + 1);
            if (at >= from && at < to) {
                forwardBlock(m, s, first, end, kvHead, keys);
            }
            at += (long) (end - first) * (keys + 1);
        }
        return at;
    }

    private void forwardBlock(Member m, int s, int first, int end, int kvHead, int keys) {
        if (end - first < Tiles.LOW) {
            for (int i = first; i < end; i++) {
                forwardQuery(m, s, i, kvHead, visible(s, i, keys));
            }
            return;
        }
        int tile = end - first < Tiles.ROWS ? Tiles.LOW : Tiles.ROWS;
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
            for (int i = first; i < end; i += tile) {
                // The last tile may begin within the one before: it gives the same rows once more.
                forwardTile(m, s, Math.min(i, end - tile), tile, head, kvHead, keys);
            }
        }
    }

    /** Some adjacent queries of one head. */
    private void forwardTile(Member m, int s, int first, int rows, int head, int kvHead, int keys) {
        int most = visible(s, first + rows - 1, keys);
        int padded = padded(most);
        int row = plan.queryStart(s) + first;
        long result = out + query(row, head);
        int step = step(padded);
        long scores = m.scores.floats((long) rows * step);
        products(rows, q + query(row, head), queryStep, m.keyPanels.of(s, kvHead), padded, scores, step);
        softmax(m, rows, scores, step, false, s, first, head);
        if (most == 0) {
            for (int i = 0; i < rows; i++) {
                Lanes.clear(result + i * queryStep, 4L * width);
            }
        } else {
            Tiles.product(rows, width, most, scores, 4L * step, 4, m.valueRows.of(s, kvHead), 4L * width, result, queryStep);
        }
        for (int i = 0; i < rows; i++) {
            Rows.scaleInPlace(result + i * queryStep, m.inverse[i], width);
        }
    }

    /** One query of all heads that share keys; values are read where they are, since so few queries do not pay for a copy. */
    private void forwardQuery(Member m, int s, int i, int kvHead, int keys) {
        int padded = padded(keys);
        int step = step(padded);
        int row = plan.queryStart(s) + i;
        long scores = m.scores.floats((long) group * step);
        long first = q + query(row, kvHead * group);
        long result = out + query(row, kvHead * group);
        long panels = m.keyPanels.of(s, kvHead);
        for (int p = 0; p < padded / PANEL; p++) {
            rowsTimesPanel(group, first, 4L * width, panels + 4L * p * PANEL * width, scores + 4L * p * PANEL, 4L * step);
        }
        softmax(m, group, scores, step, true, s, i, kvHead * group);
        Lanes.clear(result, 4L * group * width);
        int offset = 0;
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1) && offset < keys; r++) {
            int length = Math.min(plan.keyEnd(r) - plan.keyStart(r), keys - offset);
            Tiles.addProduct(group, width, length, scores + 4L * offset, 4L * step, 4,
                    v + plan.keyStart(r) * keyStep + 4L * kvHead * width, keyStep, result, 4L * width);
            offset += length;
        }
        for (int h = 0; h < group; h++) {
            Rows.scaleInPlace(result + 4L * h * width, m.inverse[h], width);
        }
    }

    /** result[rows, padded] = a[rows, width] · panels, for rows that make a tile. */
    private void products(int rows, long a, long aRow, long panels, int padded, long result, int resultStep) {
        for (int p = 0; p < padded; p += PANEL) {
            Tiles.product(rows, PANEL, width, a, aRow, 4, panels + 4L * p * width, 4L * PANEL, result + 4L * p, 4L * resultStep);
        }
    }

    /** One panel of scores of any number of rows. */
    private void rowsTimesPanel(int rows, long a, long aRow, long panel, long result, long resultRow) {
        int i = 0;
        for (; i + 4 <= rows; i += 4) {
            PanelKernels.rows4(a + i * aRow, aRow, panel, width, result + i * resultRow, resultRow);
        }
        for (; i < rows; i++) {
            PanelKernels.row1(a + i * aRow, panel, width, result + i * resultRow);
        }
    }

    /**
     * Scores of some rows to exponentials, with zeros after a query's last key as far as a tile reads; keeps 1/sum, and the logarithm of
     * the sum where it is asked for. All rows go through one stage before the next: their chains of dependent operations overlap so.
     */
    private void softmax(Member m, int rows, long scores, int step, boolean oneQuery, int s, int first, int head) {
        int keys = plan.keyCount(s);
        for (int i = 0; i < rows; i++) {
            long at = scores + 4L * i * step;
            int n = visible(s, oneQuery ? first : first + i, keys);
            m.count[i] = n;
            Rows.fill(at, n, nothing());
            m.shift[i] = -scale * (scale > 0 ? Rows.largest(at, whole(n)) : Rows.min(at, n));
        }
        for (int i = 0; i < rows; i++) {
            long at = scores + 4L * i * step;
            int n = m.count[i];
            m.inverse[i] = n == 0 ? 0 : VectorMath.exponentials(at, at, whole(n), scale, m.shift[i]);
        }
        for (int i = 0; i < rows; i++) {
            Rows.fill(scores + 4L * i * step, m.count[i], 0);
            float sum = m.inverse[i];
            m.inverse[i] = m.count[i] == 0 ? 0 : 1f / sum;
            if (logSumExp != 0) {
                long row = plan.queryStart(s) + (oneQuery ? first : first + i);
                float log = m.count[i] == 0 ? Float.NEGATIVE_INFINITY : (float) (Math.log(sum) - m.shift[i]);
                Lanes.set(logSumExp + 4L * (row * heads + head + (oneQuery ? i : 0)), log);
            }
        }
    }

    /** Up to whole vectors. */
    private static int whole(int n) {
        return (n + Lanes.L - 1) / Lanes.L * Lanes.L;
    }

    /** The score of what must not count: rows are filled with it up to whole vectors, which saves work on single floats. */
    private float nothing() {
        return scale > 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    }

    /** The clusters, each of one key-value head and the query heads that it serves, whose share of the whole work falls to this member. */
    private void backward(Member m, int member, int count) {
        long total = work(0, plan.segments()) * kvHeads;
        long from = total * member / count;
        long to = total * (member + 1) / count;
        long at = 0;
        for (int c = 0; c < clusters.count() && at < to; c++) {
            long work = work(clusters.from(c), clusters.to(c));
            for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
                if (at >= from && at < to) {
                    clearKeys(c, kvHead);
                    for (int s = clusters.from(c); s < clusters.to(c); s++) {
                        backwardSegment(m, s, kvHead);
                    }
                }
                at += work;
            }
        }
    }

    private void clearKeys(int c, int kvHead) {
        for (int row = clusters.low(c); row < clusters.high(c); row++) {
            Lanes.clear(dk + row * keyStep + 4L * kvHead * width, 4L * width);
            Lanes.clear(dv + row * keyStep + 4L * kvHead * width, 4L * width);
        }
    }

    private void backwardSegment(Member m, int s, int kvHead) {
        int queries = queries(s);
        int keys = plan.keyCount(s);
        for (int block = 0; block < blocks(queries); block++) {
            int first = blockStart(queries, block);
            int rows = blockStart(queries, block + 1) - first;
            int most = visible(s, first + rows - 1, keys);
            if (rows < Tiles.LOW || visible(s, first, keys) == 0) {
                for (int i = first; i < first + rows; i++) {
                    Lanes.clear(dq + query(plan.queryStart(s) + i, kvHead * group), 4L * group * width);
                }
            }
            for (int head = kvHead * group; head < (kvHead + 1) * group && most > 0; head++) {
                backwardBlock(m, s, first, rows, head, kvHead, keys, most);
            }
        }
    }

    private void backwardBlock(Member m, int s, int first, int rows, int head, int kvHead, int keys, int most) {
        int step = step(padded(most));
        long p = m.scores.floats((long) rows * step);
        long ds = m.gradients.floats((long) rows * step);
        long at = query(plan.queryStart(s) + first, head);
        long queries = m.queries.floats((long) rows * width);
        long dOuts = m.dOuts.floats((long) rows * width);
        Rows.copy(rows, width, q + at, queryStep, queries);
        Rows.copy(rows, width, dOut + at, queryStep, dOuts);
        int tile = rows < Tiles.LOW ? 1 : rows < Tiles.ROWS ? Tiles.LOW : Tiles.ROWS;
        for (int i = 0; i < rows; i += tile) {
            int row = Math.min(i, rows - tile);
            int columns = padded(visible(s, first + row + tile - 1, keys));
            scores(tile, queries + 4L * row * width, m.keyPanels.of(s, kvHead), columns, p + 4L * row * step, step);
            scores(tile, dOuts + 4L * row * width, m.valuePanels.of(s, kvHead), columns, ds + 4L * row * step, step);
        }
        for (int i = 0; i < rows; i++) {
            m.count[i] = visible(s, first + i, keys);
            m.shift[i] = Rows.dot(dOuts + 4L * i * width, out + at + i * queryStep, width);
            Rows.fill(p + 4L * i * step, m.count[i], nothing());
        }
        for (int i = 0; i < rows; i++) {
            float log = Lanes.get(logSumExp + 4L * ((long) (plan.queryStart(s) + first + i) * heads + head));
            VectorMath.exponentials(p + 4L * i * step, p + 4L * i * step, whole(m.count[i]), scale, -log);
        }
        for (int i = 0; i < rows; i++) {
            Rows.softmaxGradient(p + 4L * i * step, ds + 4L * i * step, whole(m.count[i]), m.shift[i], scale);
            Rows.fill(p + 4L * i * step, m.count[i], 0);
            Rows.fill(ds + 4L * i * step, m.count[i], 0);
        }
        for (int i = 0; i < rows; i += tile) {
            int row = Math.min(i, rows - tile);
            int n = visible(s, first + row + tile - 1, keys);
            queryGradient(m, tile, s, kvHead, ds + 4L * row * step, step, n, dq + at + row * queryStep);
        }
        keyGradients(s, first, rows, kvHead, keys, most, p, dOuts, step, dv);
        keyGradients(s, first, rows, kvHead, keys, most, ds, queries, step, dk);
    }

    /** result[rows, columns] = a[rows, width] · panels, for the rows of one tile, or for one row. */
    private void scores(int rows, long a, long panels, int columns, long result, int step) {
        if (rows >= Tiles.LOW) {
            products(rows, a, 4L * width, panels, columns, result, step);
            return;
        }
        for (int c = 0; c < columns; c += PANEL) {
            PanelKernels.row1(a, panels + 4L * c * width, width, result + 4L * c);
        }
    }

    /** dq of one tile, or of one row, which is zero so far. */
    private void queryGradient(Member m, int tile, int s, int kvHead, long ds, int step, int n, long to) {
        if (n == 0) {
            return;
        }
        long rows = m.keyRows.of(s, kvHead);
        if (tile >= Tiles.LOW) {
            Tiles.product(tile, width, n, ds, 4L * step, 4, rows, 4L * width, to, queryStep);
        } else {
            Tiles.addProduct(1, width, n, ds, 4L * step, 4, rows, 4L * width, to, queryStep);
        }
    }

    /** dv += pᵀ·dOut or dk += dsᵀ·q, some keys at a time, from the first query on that sees one of them. */
    private void keyGradients(int s, int first, int rows, int kvHead, int keys, int most, long a, long b, int step, long gradient) {
        int offset = 0;
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1) && offset < most; r++) {
            int length = Math.min(plan.keyEnd(r) - plan.keyStart(r), most - offset);
            int count;
            for (int j = 0; j < length; j += count) {
                // Up to a whole vector of scores: a query's row has zeros there, but not further on.
                count = Math.min(Lanes.L - (offset + j) % Lanes.L, length - j);
                int hidden = plan.isCausal(s) ? Math.clamp(queries(s) - (long) keys + offset + j - first, 0, rows) : 0;
                long from = a + 4L * ((long) hidden * step + offset + j);
                long to = (plan.keyStart(r) + j) * keyStep + 4L * kvHead * width;
                Tiles.addProduct(count, width, rows - hidden, from, 4, 4L * step, b + 4L * hidden * width, 4L * width, gradient + to,
                        keyStep);
            }
            offset += length;
        }
    }

    @Override
    public void close() {
        for (Member m : members) {
            m.close();
        }
    }

    /** Working memory of one member. */
    private final class Member implements AutoCloseable {
        private final SegmentRows keyPanels;
        private final SegmentRows valuePanels;
        private final SegmentRows keyRows;
        private final SegmentRows valueRows;
        private final Scratch scores;
        private final Scratch gradients;
        private final Scratch queries;
        private final Scratch dOuts;
        /** Of the rows in hand: keys that they see, what is added to their scores or taken from their gradients, and factors. */
        private int[] count = new int[BLOCK];
        private float[] shift = new float[BLOCK];
        private float[] inverse = new float[BLOCK];

        private Member(Memory memory) {
            keyPanels = new SegmentRows(memory, true);
            valuePanels = new SegmentRows(memory, true);
            keyRows = new SegmentRows(memory, false);
            valueRows = new SegmentRows(memory, false);
            scores = new Scratch(memory);
            gradients = new Scratch(memory);
            queries = new Scratch(memory);
            dOuts = new Scratch(memory);
        }

        private void start() {
            if (inverse.length < group) {
                count = new int[group];
                shift = new float[group];
                inverse = new float[group];
            }
            keyPanels.start(plan, k, kvHeads, width, mostKeys);
            if (backward) {
                valuePanels.start(plan, v, kvHeads, width, mostKeys);
                keyRows.start(plan, k, kvHeads, width, mostKeys);
            } else {
                valueRows.start(plan, v, kvHeads, width, mostKeys);
            }
        }

        private void end() {
            keyPanels.end();
            valuePanels.end();
            keyRows.end();
            valueRows.end();
        }

        @Override
        public void close() {
            keyPanels.close();
            valuePanels.close();
            keyRows.close();
            valueRows.close();
            scores.close();
            gradients.close();
            queries.close();
            dOuts.close();
        }
    }
}
