package org.caprl.core.kernels.nd4j;

import org.caprl.core.kernels.nd4j.PlanGroups.Group;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention by groups of a plan: one batched product for the scores, one for the sums, a mask between.
 *
 * <p>Letters in shapes: S segments of a group, n queries and m keys of each, K key heads, H query heads, D columns of a head.
 */
final class Attention implements AutoCloseable {
    /** What a score loses for each key that it is beyond its limit; far more than any score, far from overflow. */
    private static final double HIDDEN = 1e9;

    private final RecentPlans plans;
    private final Counting counting;

    Attention(Nd4jMemory memory, Counting counting) {
        this.plans = new RecentPlans(memory);
        this.counting = counting;
    }

    void forward(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        for (Group group : plans.of(plan, q.dim(1) / headDim).groups()) {
            Shape shape = new Shape(group, q.dim(1) / headDim, k.dim(1) / headDim, headDim);
            INDArray p = scores(shape, queries(q, shape), keys(k, shape), scale);
            INDArray largest = p.max(true, 3); // [S,K,H/K·n,1]
            Nd.exp(p.subi(largest));
            INDArray total = p.sum(true, 3);
            INDArray sum = shape.likeQueries();
            Nd.mmul(p, false, keys(v, shape), false, 1, 0, sum);
            put(sum.divi(total), out, shape, headDim);
            if (logSumExp != null) {
                put(Nd.log(total).addi(largest), logSumExp, shape, 1);
            }
        }
    }

    /** With p = exp(s - lse) and dp = dOut·v: ds = p·(dp - dOut·out); dq = scale·ds·k, dk = scale·ds·q, dv = p·dOut. */
    void backward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan, int headDim, float scale,
            Tensor dq, Tensor dk, Tensor dv) {
        Nd.of(dq).assign(0);
        Nd.of(dk).assign(0);
        Nd.of(dv).assign(0);
        for (Group group : plans.of(plan, q.dim(1) / headDim).groups()) {
            Shape shape = new Shape(group, q.dim(1) / headDim, k.dim(1) / headDim, headDim);
            INDArray query = queries(q, shape);
            INDArray key = keys(k, shape);
            INDArray d = queries(dOut, shape);
            INDArray p = Nd.exp(scores(shape, query, key, scale).subi(queries(logSumExp, shape)));
            INDArray delta = queries(out, shape).muli(d).sum(true, 3);
            INDArray ds = Nd.empty(p.shape());
            Nd.mmul(d, false, keys(v, shape), true, 1, 0, ds);
            ds.subi(delta).muli(p);
            INDArray queryGrad = shape.likeQueries();
            Nd.mmul(ds, false, key, false, scale, 0, queryGrad);
            put(queryGrad, dq, shape, headDim);
            INDArray keyGrad = shape.likeKeys();
            Nd.mmul(ds, true, query, false, scale, 0, keyGrad);
            addKeys(keyGrad, dk, shape);
            Nd.mmul(p, true, d, false, 1, 0, keyGrad);
            addKeys(keyGrad, dv, shape);
        }
    }

    /** scale · q·k, with what a query must not see far below everything else: [S,K,H/K·n,m]. */
    private INDArray scores(Shape shape, INDArray query, INDArray key, float scale) {
        INDArray scores = Nd.empty(shape.segments, shape.kvHeads, shape.ratio * shape.queries, shape.keys);
        Nd.mmul(query, false, key, true, scale, 0, scores);
        INDArray limits = shape.group.limits();
        if (limits != null) {
            INDArray beyond = limits.castTo(DataType.FLOAT).subi(1).reshape(shape.segments, 1, shape.queries, 1)
                    .sub(counting.upTo(shape.keys, DataType.FLOAT).reshape(1, 1, 1, shape.keys)); // [S,1,n,m], below 0 where hidden
            INDArray hidden = beyond.lt(0).castTo(DataType.FLOAT).muli(-HIDDEN);
            scores.reshape(shape.segments, shape.heads(), shape.queries, shape.keys).addi(hidden);
        }
        return scores;
    }

    /** Rows of a group's queries by head, [S,K,H/K·n,columns of a head], a copy; also of what has one column a head. */
    private static INDArray queries(Tensor x, Shape shape) {
        long columns = x.dim(1) / shape.heads();
        Group group = shape.group;
        INDArray rows = group.firstQuery() >= 0
                ? Nd.of(x.rows(group.firstQuery(), group.firstQuery() + shape.rows()))
                : Nd.gather(Nd.of(x), group.queryRows(), Nd.empty(shape.rows(), x.dim(1)));
        return rows.reshape(shape.segments, shape.queries, shape.kvHeads, shape.ratio, columns).permute(0, 2, 3, 1, 4).dup('c')
                .reshape(shape.segments, shape.kvHeads, shape.ratio * shape.queries, columns);
    }

    /** Rows of a group's keys by head, [S,K,m,D], not dense. */
    private static INDArray keys(Tensor x, Shape shape) {
        Group group = shape.group;
        INDArray rows = group.firstKey() >= 0
                ? Nd.of(x.rows(group.firstKey(), group.firstKey() + shape.keys))
                : Nd.gather(Nd.of(x), group.keyRows(), Nd.empty((long) shape.segments * shape.keys, x.dim(1)));
        return rows.reshape(shape.segments, shape.keys, shape.kvHeads, shape.headDim).permute(0, 2, 1, 3);
    }

    /** Overwrites the rows of a group's queries. */
    private static void put(INDArray byHead, Tensor y, Shape shape, int columns) {
        INDArray rows = byHead.reshape(shape.segments, shape.kvHeads, shape.ratio, shape.queries, columns).permute(0, 3, 1, 2, 4);
        Group group = shape.group;
        if (group.firstQuery() >= 0) {
            Nd.as(y.rows(group.firstQuery(), group.firstQuery() + shape.rows()), shape.segments, shape.queries, shape.kvHeads,
                    shape.ratio, columns).assign(rows);
        } else {
            Nd.scatter(Nd.of(y), group.queryRows(), rows.dup('c').reshape(shape.rows(), y.dim(1)));
        }
    }

    /** Adds to the rows of a group's keys; padding adds 0. */
    private static void addKeys(INDArray byHead, Tensor y, Shape shape) {
        INDArray rows = byHead.permute(0, 2, 1, 3).dup('c').reshape((long) shape.segments * shape.keys, y.dim(1));
        Group group = shape.group;
        if (group.firstKey() >= 0) {
            Nd.of(y.rows(group.firstKey(), group.firstKey() + shape.keys)).addi(rows);
        } else {
            Nd.scatterAdd(Nd.of(y), group.keyRows(), rows);
        }
    }

    @Override
    public void close() {
        plans.close();
    }

    private static final class Shape {
        private final Group group;
        private final int segments;
        private final int queries;
        private final int keys;
        private final int kvHeads;
        private final int ratio;
        private final int headDim;

        private Shape(Group group, int heads, int kvHeads, int headDim) {
            this.group = group;
            this.segments = group.segments();
            this.queries = group.queries();
            this.keys = group.keys();
            this.kvHeads = kvHeads;
            this.ratio = heads / kvHeads;
            this.headDim = headDim;
        }

        private int heads() {
            return kvHeads * ratio;
        }

        private int rows() {
            return segments * queries;
        }

        private INDArray likeQueries() {
            return Nd.empty(segments, kvHeads, ratio * queries, headDim);
        }

        private INDArray likeKeys() {
            return Nd.empty(segments, kvHeads, keys, headDim);
        }
    }
}
