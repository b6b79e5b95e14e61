package org.caprl.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
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
 * <p>Forward work is shared out by blocks of queries, backward by key-value heads, so that nobody writes where another does.
 */
final class CpuAttention implements ThreadTeam.Task, AutoCloseable {
    private static final int BLOCK = 32;
    /** Below so many multiply-adds the caller works alone. */
    private static final long ALONE = 32 * 1024;

    private final ThreadTeam team;
    private final Member[] members;
    private boolean backward;
    private AttentionPlan plan;
    private int width;
    private int heads;
    private int kvHeads;
    private int queryRows;
    private int keyRows;
    private float scale;
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
        if (work() * width * heads < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
        plan = null;
    }

    void backward(Tensor gradient, Tensor queries, Tensor keys, Tensor values, Tensor result, Tensor lse, AttentionPlan newPlan, int headDim,
            float factor, Tensor dQueries, Tensor dKeys, Tensor dValues) {
        backward = true;
        set(queries, keys, values, newPlan, headDim, factor, result, lse);
        dOut = Lanes.address(gradient);
        dq = Lanes.address(dQueries);
        dk = Lanes.address(dKeys);
        dv = Lanes.address(dValues);
        team.run(this);
        plan = null;
    }

    private void set(Tensor queries, Tensor keys, Tensor values, AttentionPlan newPlan, int headDim, float factor, Tensor result, Tensor lse) {
        plan = newPlan;
        width = headDim;
        heads = queries.dim(1) / headDim;
        kvHeads = keys.dim(1) / headDim;
        queryRows = queries.dim(0);
        keyRows = keys.dim(0);
        scale = factor;
        q = Lanes.address(queries);
        k = Lanes.address(keys);
        v = Lanes.address(values);
        out = Lanes.address(result);
        logSumExp = lse == null ? 0 : Lanes.address(lse);
    }

    @Override
    public void run(int member, int count) {
        if (backward) {
            for (int kvHead = member; kvHead < kvHeads; kvHead += count) {
                backward(members[member], kvHead);
            }
        } else {
            forward(members[member], member, count);
        }
    }

    /** Pairs of query and key, of one head. */
    private long work() {
        long work = 0;
        for (int s = 0; s < plan.segments(); s++) {
            work += (long) (plan.queryEnd(s) - plan.queryStart(s)) * (plan.keyCount(s) + 1);
        }
        return work;
    }

    /** Keys that query {@code i} of segment {@code s} sees, of {@code keys} in all. */
    private int visible(int s, int i, int keys) {
        if (!plan.isCausal(s)) {
            return keys;
        }
        int hidden = plan.queryEnd(s) - plan.queryStart(s) - 1 - i;
        return Math.max(keys - hidden, 0);
    }

    private long queryRow(int row, int head) {
        return 4L * ((long) row * heads + head) * width;
    }

    private long keyRow(int row, int kvHead) {
        return 4L * ((long) row * kvHeads + kvHead) * width;
    }

    /** The blocks of queries whose share of the whole work falls to this member. */
    private void forward(Member m, int member, int count) {
        long total = work() * kvHeads;
        long from = total * member / count;
        long to = total * (member + 1) / count;
        long at = 0;
        for (int s = 0; s < plan.segments() && at < to; s++) {
            int queries = plan.queryEnd(s) - plan.queryStart(s);
            int keys = plan.keyCount(s);
            for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
                boolean packed = false;
                for (int first = 0; first < queries; first += BLOCK) {
                    int rows = Math.min(BLOCK, queries - first);
                    boolean mine = at >= from && at < to;
                    at += (long) rows * (keys + 1);
                    if (!mine) {
                        continue;
                    }
                    if (!packed) {
                        m.packKeys(s, kvHead, keys);
                        packed = true;
                    }
                    for (int head = kvHead * (heads / kvHeads); head < (kvHead + 1) * (heads / kvHeads); head++) {
                        forwardBlock(m, s, first, rows, head, kvHead, keys);
                    }
                }
            }
        }
    }

    private void forwardBlock(Member m, int s, int first, int rows, int head, int kvHead, int keys) {
        int most = visible(s, first + rows - 1, keys);
        int padded = (most + Panels.WIDTH - 1) / Panels.WIDTH * Panels.WIDTH;
        long row = plan.queryStart(s) + first;
        long scores = m.scores.floats((long) rows * padded);
        long at = q + queryRow((int) row, head);
        m.product(rows, at, 4L * heads * width, m.keyPanels, padded, scores);
        long result = out + queryRow((int) row, head);
        for (int i = 0; i < rows; i++) {
            float log = softmax(scores + 4L * i * padded, visible(s, first + i, keys), most, m, i);
            if (logSumExp != 0) {
                Lanes.set(logSumExp + 4L * ((row + i) * heads + head), log);
            }
            Lanes.clear(result + 4L * i * heads * width, 4L * width);
        }
        int offset = 0;
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1) && offset < most; r++) {
            int length = Math.min(plan.keyEnd(r) - plan.keyStart(r), most - offset);
            Tiles.multiply(rows, width, length, scores + 4L * offset, 4L * padded, 4, v + keyRow(plan.keyStart(r), kvHead),
                    4L * kvHeads * width, result, 4L * heads * width);
            offset += length;
        }
        for (int i = 0; i < rows; i++) {
            Rows.scaleInPlace(result + 4L * i * heads * width, m.inverse[i], width);
        }
    }

    /** Scores to exponentials, zeros from {@code n} to {@code end}; keeps 1/sum and returns the logarithm of the sum. */
    private float softmax(long row, int n, int end, Member m, int i) {
        if (n == 0) {
            m.inverse[i] = 0;
            Lanes.clear(row, 4L * end);
            return Float.NEGATIVE_INFINITY;
        }
        float max = scale > 0 ? Rows.max(row, n) * scale : Rows.min(row, n) * scale;
        float sum = exponentials(row, n, max);
        Lanes.clear(row + 4L * n, 4L * (end - n));
        m.inverse[i] = 1f / sum;
        return (float) (max + Math.log(sum));
    }

    /**
     * e^(score·scale - max) in place; returns the sum. One vector a turn: a longer body passes the compiler's limits for inlining, and then
     * every vector is put on the heap.
     */
    private float exponentials(long row, int n, float max) {
        FloatVector factor = Lanes.all(scale);
        FloatVector shift = Lanes.all(-max);
        FloatVector total = FloatVector.zero(Lanes.S);
        long at = row;
        long end = row + 4L * n;
        for (; at + Lanes.VB <= end; at += Lanes.VB) {
            FloatVector e = VectorMath.exp(Lanes.load(at).fma(factor, shift));
            Lanes.store(e, at);
            total = total.add(e);
        }
        float sum = Lanes.sum(total);
        for (; at < end; at += 4) {
            float e = VectorMath.exp(Math.fma(Lanes.get(at), scale, -max));
            Lanes.set(at, e);
            sum += e;
        }
        return sum;
    }

    /** All gradients of one key-value head and of the query heads that it serves. */
    private void backward(Member m, int kvHead) {
        int group = heads / kvHeads;
        for (int row = 0; row < keyRows; row++) {
            Lanes.clear(dk + keyRow(row, kvHead), 4L * width);
            Lanes.clear(dv + keyRow(row, kvHead), 4L * width);
        }
        for (int row = 0; row < queryRows; row++) {
            Lanes.clear(dq + queryRow(row, kvHead * group), 4L * group * width);
        }
        for (int s = 0; s < plan.segments(); s++) {
            int queries = plan.queryEnd(s) - plan.queryStart(s);
            int keys = plan.keyCount(s);
            m.packKeys(s, kvHead, keys);
            m.packValues(s, kvHead, keys);
            for (int first = 0; first < queries; first += BLOCK) {
                for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                    backwardBlock(m, s, first, Math.min(BLOCK, queries - first), head, kvHead, keys);
                }
            }
        }
    }

    private void backwardBlock(Member m, int s, int first, int rows, int head, int kvHead, int keys) {
        int most = visible(s, first + rows - 1, keys);
        int padded = (most + Panels.WIDTH - 1) / Panels.WIDTH * Panels.WIDTH;
        int row = plan.queryStart(s) + first;
        long queryStep = 4L * heads * width;
        long keyStep = 4L * kvHeads * width;
        long query = q + queryRow(row, head);
        long gradient = dOut + queryRow(row, head);
        long p = m.scores.floats((long) rows * padded);
        long ds = m.gradients.floats((long) rows * padded);
        m.product(rows, query, queryStep, m.keyPanels, padded, p);
        m.product(rows, gradient, queryStep, m.valuePanels, padded, ds);
        for (int i = 0; i < rows; i++) {
            float log = Lanes.get(logSumExp + 4L * ((long) (row + i) * heads + head));
            float delta = Rows.dot(gradient + i * queryStep, out + queryRow(row + i, head), width);
            scoreGradients(p + 4L * i * padded, ds + 4L * i * padded, visible(s, first + i, keys), most, log, delta);
        }
        int offset = 0;
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1) && offset < most; r++) {
            int length = Math.min(plan.keyEnd(r) - plan.keyStart(r), most - offset);
            long key = keyRow(plan.keyStart(r), kvHead);
            Tiles.multiply(length, width, rows, p + 4L * offset, 4, 4L * padded, gradient, queryStep, dv + key, keyStep);
            Tiles.multiply(length, width, rows, ds + 4L * offset, 4, 4L * padded, query, queryStep, dk + key, keyStep);
            Tiles.multiply(rows, width, length, ds + 4L * offset, 4L * padded, 4, k + key, keyStep, dq + queryRow(row, head), queryStep);
            offset += length;
        }
    }

    /** Scores to probabilities p, and gradients of probabilities to gradients of scores, p·(dp - delta)·scale; zeros from n to end. */
    private void scoreGradients(long p, long ds, int n, int end, float log, float delta) {
        FloatVector factor = Lanes.all(scale);
        FloatVector shift = Lanes.all(-log);
        int j = 0;
        for (; j + Lanes.L <= n; j += Lanes.L) {
            FloatVector e = VectorMath.exp(Lanes.load(p + 4L * j).fma(factor, shift));
            Lanes.store(e, p + 4L * j);
            Lanes.store(Lanes.load(ds + 4L * j).sub(delta).mul(e).mul(factor), ds + 4L * j);
        }
        for (; j < n; j++) {
            float e = VectorMath.exp(Math.fma(Lanes.get(p + 4L * j), scale, -log));
            Lanes.set(p + 4L * j, e);
            Lanes.set(ds + 4L * j, (Lanes.get(ds + 4L * j) - delta) * e * scale);
        }
        Lanes.clear(p + 4L * n, 4L * (end - n));
        Lanes.clear(ds + 4L * n, 4L * (end - n));
    }

    @Override
    public void close() {
        for (Member m : members) {
            m.keys.close();
            m.values.close();
            m.scores.close();
            m.gradients.close();
        }
    }

    /** Working memory of one member. */
    private final class Member {
        private final Scratch keys;
        private final Scratch values;
        private final Scratch scores;
        private final Scratch gradients;
        private final float[] inverse = new float[BLOCK];
        private long keyPanels;
        private long valuePanels;

        private Member(Memory memory) {
            keys = new Scratch(memory);
            values = new Scratch(memory);
            scores = new Scratch(memory);
            gradients = new Scratch(memory);
        }

        private void packKeys(int s, int kvHead, int count) {
            keyPanels = pack(keys, k, s, kvHead, count);
        }

        private void packValues(int s, int kvHead, int count) {
            valuePanels = pack(values, v, s, kvHead, count);
        }

        /** The rows that a segment sees as panels: {@link Panels#WIDTH} rows side by side, column after column. */
        private long pack(Scratch scratch, long from, int s, int kvHead, int count) {
            int panels = (count + Panels.WIDTH - 1) / Panels.WIDTH;
            long to = scratch.floats((long) panels * Panels.WIDTH * width);
            int j = 0;
            for (int r = plan.firstRange(s); r < plan.firstRange(s + 1); r++) {
                for (int row = plan.keyStart(r); row < plan.keyEnd(r); row++) {
                    packRow(from + keyRow(row, kvHead), to + 4L * ((long) (j / Panels.WIDTH) * width * Panels.WIDTH + j % Panels.WIDTH));
                    j++;
                }
            }
            for (; j < panels * Panels.WIDTH; j++) {
                long at = to + 4L * ((long) (j / Panels.WIDTH) * width * Panels.WIDTH + j % Panels.WIDTH);
                for (int d = 0; d < width; d++) {
                    Lanes.setInt(at + 4L * d * Panels.WIDTH, 0);
                }
            }
            return to;
        }

        private void packRow(long row, long to) {
            for (int d = 0; d < width; d++) {
                Lanes.setInt(to + 4L * d * Panels.WIDTH, Lanes.getInt(row + 4L * d));
            }
        }

        /** result[rows, padded] = a[rows, width] · panels. */
        private void product(int rows, long a, long aRow, long panels, int padded, long result) {
            for (int p = 0; p < padded / Panels.WIDTH; p++) {
                long panel = panels + 4L * p * Panels.WIDTH * width;
                long to = result + 4L * p * Panels.WIDTH;
                int i = 0;
                for (; i + 4 <= rows; i += 4) {
                    PanelKernels.rows4(a + i * aRow, aRow, panel, width, to + 4L * i * padded, 4L * padded);
                }
                for (; i < rows; i++) {
                    PanelKernels.row1(a + i * aRow, panel, width, to + 4L * i * padded);
                }
            }
        }
    }
}
