package org.caprl.core.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * Any backend with its arguments checked: dtypes, shapes, overlaps, index values, attention plans, sampling settings. Backends themselves
 * check nothing, and may crash the process on what this refuses.
 *
 * <p>Every refusal is an {@link IllegalArgumentException} that names the operation, the argument, what it is and what was expected. The
 * cost is that of a few small maps a call.
 */
public final class CheckedOps implements TensorOps {
    private static final Signature LINEAR = Signature.of("linear", "x[M,K]", "w[N,K] float", "bias[N] optional", "y[M,N] out");
    private static final Signature LINEAR_INPUT_GRAD = Signature.of("linearInputGrad", "dy[M,N]", "w[N,K] float", "dx[M,K] out");
    private static final Signature LINEAR_WEIGHT_GRAD =
            Signature.of("linearWeightGrad", "dy[M,N]", "x[M,K]", "dw[N,K] out", "db[N] optional out");
    private static final Signature GATHER_ROWS = Signature.of("gatherRows", "x[R,C] any", "index[n] i32", "y[n,C] any out");
    private static final Signature SCATTER_ROWS = Signature.of("scatterRows", "x[n,C]", "index[n] i32", "y[R,C] out");
    private static final Signature SCATTER_ADD_ROWS = Signature.of("scatterAddRows", "x[n,C]", "index[n] i32", "y[R,C] out");
    private static final Signature ADD = Signature.of("add", "a[...]", "b[...]", "y[...] out over a b");
    private static final Signature SCALE = Signature.of("scale", "x[...]", "y[...] out over x");
    private static final Signature COPY = Signature.of("copy", "x[...] any", "y[...] any out");
    private static final Signature SWIGLU = Signature.of("swiglu", "gate[M,N]", "up[M,N]", "y[M,N] out");
    private static final Signature SWIGLU_BACKWARD =
            Signature.of("swigluBackward", "dy[M,N]", "gate[M,N]", "up[M,N]", "dGate[M,N] out over gate", "dUp[M,N] out over up");
    private static final Signature GELU = Signature.of("gelu", "x[...]", "y[...] out");
    private static final Signature GELU_BACKWARD = Signature.of("geluBackward", "dy[...]", "x[...]", "dx[...] out");
    private static final Signature DROPOUT = Signature.of("dropout", "x[M,C]", "rows[M] i32 optional", "y[M,C] out over x");
    private static final Signature RMS_NORM = Signature.of("rmsNorm", "x[M,C]", "w[C]", "y[M,C] out", "inverseRms[M] out");
    private static final Signature RMS_NORM_BACKWARD =
            Signature.of("rmsNormBackward", "dy[M,C]", "x[M,C]", "w[C]", "inverseRms[M]", "dx[M,C] out", "dw[C] optional out");
    private static final Signature LAYER_NORM =
            Signature.of("layerNorm", "x[M,C]", "w[C]", "b[C]", "y[M,C] out", "statistics[M,2] out");
    private static final Signature LAYER_NORM_BACKWARD = Signature.of("layerNormBackward", "dy[M,C]", "x[M,C]", "w[C]", "statistics[M,2]",
            "dx[M,C] out", "dw[C] optional out", "db[C] optional out");
    private static final Signature SCALE_COLUMNS = Signature.of("scaleColumns", "x[M,C]", "w[C]", "y[M,C] out");
    private static final Signature SCALE_COLUMNS_BACKWARD =
            Signature.of("scaleColumnsBackward", "dy[M,C]", "x[M,C]", "w[C]", "dx[M,C] out", "dw[C] optional out");
    private static final Signature ROTARY_TABLE = Signature.of("rotaryTable", "positions[A,T] i32", "cos[T,F] out", "sin[T,F] out");
    private static final Signature ROTARY = Signature.of("rotary", "x[T,C]", "cos[T,F]", "sin[T,F]", "y[T,C] out over x");
    private static final Signature ATTENTION =
            Signature.of("attention", "q[Tq,C]", "k[Tk,D]", "v[Tk,D]", "out[Tq,C] out", "logSumExp[Tq,H] optional out");
    private static final Signature ATTENTION_BACKWARD = Signature.of("attentionBackward", "dOut[Tq,C]", "q[Tq,C]", "k[Tk,D]", "v[Tk,D]",
            "out[Tq,C]", "logSumExp[Tq,H]", "dq[Tq,C] out", "dk[Tk,D] out", "dv[Tk,D] out");
    private static final Signature SELECTED_LOG_PROBS = Signature.of("selectedLogProbs", "hidden[T,D]", "head[V,D] float", "targets[T] i32",
            "logProb[T] out", "entropy[T] out", "logSumExp[T] out");
    private static final Signature SELECTED_LOG_PROBS_BACKWARD = Signature.of("selectedLogProbsBackward", "hidden[T,D]", "head[V,D] float",
            "targets[T] i32", "entropy[T]", "logSumExp[T]", "dLogProb[T]", "dEntropy[T] optional", "dHidden[T,D] out",
            "dHead[V,D] optional out");
    private static final Signature SAMPLE = Signature.of("sample", "logits[B,V]", "ids[B] i32 out", "logProbs[B,3] out");
    private static final Signature SUM_OF_SQUARES = Signature.of("sumOfSquares", "x[...]");
    private static final Signature ADAM_W = Signature.of("adamW", "param[...] out", "grad[...]", "m[...] out", "v[...] out");

    private final TensorOps ops;

    /** Checks before every call of {@code ops}. */
    public CheckedOps(TensorOps ops) {
        this.ops = ops;
    }

    /** The backend behind, for calls that repeat one already checked. */
    TensorOps unchecked() {
        return ops;
    }

    @Override
    public String name() {
        return ops.name();
    }

    @Override
    public Memory memory() {
        return ops.memory();
    }

    @Override
    public int threads() {
        return ops.threads();
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        LINEAR.check(x, w, bias, y);
        ops.linear(x, w, bias, y);
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        LINEAR_INPUT_GRAD.check(dy, w, dx);
        ops.linearInputGrad(dy, w, dx, accumulate);
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        LINEAR_WEIGHT_GRAD.check(dy, x, dw, db);
        ops.linearWeightGrad(dy, x, dw, db);
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        GATHER_ROWS.check(x, index, y);
        checkConversion("gatherRows", x, y, x.dtype() == y.dtype() || x.dtype() == DType.BF16 && y.dtype() == DType.F32);
        checkIndex("gatherRows", "index", index, 0, x.dim(0), "x", x);
        ops.gatherRows(x, index, y);
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        SCATTER_ROWS.check(x, index, y);
        checkIndex("scatterRows", "index", index, Integer.MIN_VALUE, y.dim(0), "y", y);
        checkDistinct(index);
        ops.scatterRows(x, index, y);
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        SCATTER_ADD_ROWS.check(x, index, y);
        checkIndex("scatterAddRows", "index", index, 0, y.dim(0), "y", y);
        ops.scatterAddRows(x, index, y);
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        ADD.check(a, b, y);
        ops.add(a, b, y);
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        SCALE.check(x, y);
        ops.scale(x, factor, y);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        COPY.check(x, y);
        checkConversion("copy", x, y, x.dtype() == y.dtype() || x.dtype() != DType.I32 && y.dtype() != DType.I32);
        ops.copy(x, y);
    }

    @Override
    public void fill(Tensor y, float value) {
        require(y.dtype() != DType.BF16, () -> "fill: y is " + y + ", expected F32 or I32");
        ops.fill(y, value);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        SWIGLU.check(gate, up, y);
        ops.swiglu(gate, up, y);
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        SWIGLU_BACKWARD.check(dy, gate, up, dGate, dUp);
        ops.swigluBackward(dy, gate, up, dGate, dUp);
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        GELU.check(x, y);
        ops.gelu(x, kind, y);
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        GELU_BACKWARD.check(dy, x, dx);
        ops.geluBackward(dy, x, kind, dx);
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        DROPOUT.check(x, rows, y);
        require(rate >= 0 && rate < 1, () -> "dropout: rate is " + rate + ", expected a number in [0, 1)");
        ops.dropout(x, rows, key, firstRow, rate, y);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        RMS_NORM.check(x, w, y, inverseRms);
        ops.rmsNorm(x, w, epsilon, y, inverseRms);
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        RMS_NORM_BACKWARD.check(dy, x, w, inverseRms, dx, dw);
        ops.rmsNormBackward(dy, x, w, inverseRms, dx, dw);
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        LAYER_NORM.check(x, w, b, y, statistics);
        ops.layerNorm(x, w, b, epsilon, y, statistics);
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        LAYER_NORM_BACKWARD.check(dy, x, w, statistics, dx, dw, db);
        require((dw == null) == (db == null), () -> "layerNormBackward: dw is " + dw + " and db is " + db + ", expected both or neither");
        ops.layerNormBackward(dy, x, w, statistics, dx, dw, db);
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        SCALE_COLUMNS.check(x, w, y);
        ops.scaleColumns(x, w, y);
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        SCALE_COLUMNS_BACKWARD.check(dy, x, w, dx, dw);
        ops.scaleColumnsBackward(dy, x, w, dx, dw);
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        ROTARY_TABLE.check(positions, cos, sin);
        int frequencies = spec.inverseFrequencies().length;
        require(cos.dim(1) == frequencies, () -> "rotaryTable: cos is " + cos + " for " + frequencies + " frequencies");
        for (int axis : spec.axis()) {
            require(axis >= 0 && axis < positions.dim(0), () -> "rotaryTable: axis " + axis + " of positions " + positions);
        }
        ops.rotaryTable(positions, spec, cos, sin);
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        ROTARY.check(x, cos, sin, y);
        require(cos.dim(1) > 0 && x.dim(1) % (2 * cos.dim(1)) == 0,
                () -> "rotary: x is " + x + ", expected heads of " + 2 * cos.dim(1) + " columns (cos is " + cos + ")");
        ops.rotary(x, cos, sin, inverse, y);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        ATTENTION.check(q, k, v, out, logSumExp);
        checkHeads("attention", q, k, headDim, logSumExp);
        checkPlan("attention", plan, q, k);
        ops.attention(q, k, v, plan, headDim, scale, out, logSumExp);
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan, int headDim,
            float scale, Tensor dq, Tensor dk, Tensor dv) {
        ATTENTION_BACKWARD.check(dOut, q, k, v, out, logSumExp, dq, dk, dv);
        checkHeads("attentionBackward", q, k, headDim, logSumExp);
        checkPlan("attentionBackward", plan, q, k);
        ops.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv);
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        SELECTED_LOG_PROBS.check(hidden, head, targets, logProb, entropy, logSumExp);
        checkTemperature("selectedLogProbs", temperature);
        checkIndex("selectedLogProbs", "targets", targets, 0, head.dim(0), "head", head);
        ops.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp);
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        SELECTED_LOG_PROBS_BACKWARD.check(hidden, head, targets, entropy, logSumExp, dLogProb, dEntropy, dHidden, dHead);
        checkTemperature("selectedLogProbsBackward", temperature);
        checkIndex("selectedLogProbsBackward", "targets", targets, 0, head.dim(0), "head", head);
        ops.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb, dEntropy, dHidden, dHead);
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        SAMPLE.check(logits, ids, logProbs);
        require(logits.dim(0) <= rows.capacity(), () -> "sample: logits are " + logits + " for settings of " + rows.capacity() + " rows");
        require(logits.dim(1) > 0, () -> "sample: logits are " + logits + ", expected at least one column");
        for (int row = 0; row < logits.dim(0); row++) {
            checkSampling(rows, row);
        }
        ops.sample(logits, rows, ids, logProbs);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        SUM_OF_SQUARES.check(x);
        return ops.sumOfSquares(x);
    }

    @Override
    public double sumOfSquares(List<Tensor> tensors) {
        tensors.forEach(SUM_OF_SQUARES::check);
        return ops.sumOfSquares(tensors);
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        ADAM_W.check(param, grad, m, v);
        require(step.step() >= 1, () -> "adamW: step is " + step.step() + ", expected 1 for the first update");
        ops.adamW(param, grad, m, v, step);
    }

    @Override
    public void close() {
        ops.close();
    }

    private static void checkConversion(String op, Tensor x, Tensor y, boolean known) {
        require(known, () -> op + ": no conversion from x " + x + " to y " + y);
    }

    private static void checkTemperature(String op, float temperature) {
        require(temperature > 0 && temperature < Float.POSITIVE_INFINITY,
                () -> op + ": temperature is " + temperature + ", expected a positive number");
    }

    private static void checkHeads(String op, Tensor q, Tensor k, int headDim, Tensor logSumExp) {
        require(headDim > 0 && q.dim(1) % headDim == 0 && k.dim(1) % headDim == 0 && k.dim(1) > 0,
                () -> op + ": q is " + q + " and k is " + k + ", expected whole heads of " + headDim + " columns");
        int heads = q.dim(1) / headDim;
        int kvHeads = k.dim(1) / headDim;
        require(heads % kvHeads == 0, () -> op + ": " + heads + " query heads are not a multiple of " + kvHeads + " key heads");
        require(logSumExp == null || logSumExp.dim(1) == heads,
                () -> op + ": logSumExp is " + logSumExp + " for " + heads + " heads of q " + q);
    }

    private static void checkPlan(String op, AttentionPlan plan, Tensor q, Tensor k) {
        BitSet named = new BitSet(q.dim(0));
        for (int s = 0; s < plan.segments(); s++) {
            int start = plan.queryStart(s);
            int end = plan.queryEnd(s);
            String segment = op + ": plan segment " + s + " (queries " + start + ".." + end + ")";
            require(start >= 0 && end >= start && end <= q.dim(0), () -> segment + " is outside of q " + q);
            int again = named.nextSetBit(start);
            require(again < 0 || again >= end, () -> segment + " names query row " + again + " that an earlier segment has");
            named.set(start, end);
            int ranges = plan.firstRange(s + 1);
            for (int r = plan.firstRange(s); r < ranges; r++) {
                String range = "keys " + plan.keyStart(r) + ".." + plan.keyEnd(r);
                require(plan.keyStart(r) >= 0 && plan.keyEnd(r) <= k.dim(0), () -> segment + " has " + range + " outside of k " + k);
            }
            require(start == end || plan.keyCount(s) > 0, () -> segment + " sees no keys");
            if (plan.isCausal(s) && end > start) {
                int last = plan.keyEnd(ranges - 1) - plan.keyStart(ranges - 1);
                require(last >= end - start, () -> segment + " is causal over " + last + " keys, expected at least one a query");
            }
        }
    }

    private static void checkSampling(SamplingRows rows, int row) {
        setting(rows.temperature[row] >= 0 && rows.temperature[row] < Float.POSITIVE_INFINITY, row, "temperature", rows.temperature[row],
                "0 or a positive number");
        setting(rows.topK[row] >= 0, row, "topK", rows.topK[row], "0 or more");
        setting(rows.topP[row] > 0 && rows.topP[row] <= 1, row, "topP", rows.topP[row], "more than 0, at most 1");
        setting(rows.minP[row] >= 0 && rows.minP[row] <= 1, row, "minP", rows.minP[row], "0 to 1");
        setting(rows.repetitionPenalty[row] > 0, row, "repetitionPenalty", rows.repetitionPenalty[row], "more than 0");
        require(rows.repetitionPenalty[row] == 1 || rows.seen[row] != null,
                () -> "sample: row " + row + " has a repetition penalty but no set of seen tokens");
    }

    private static void setting(boolean fine, int row, String name, float value, String expected) {
        require(fine, () -> "sample: " + name + " of row " + row + " is " + value + ", expected " + expected);
    }

    private static void checkIndex(String op, String name, Tensor index, int least, int rows, String tableName, Tensor table) {
        MemorySegment values = hostOf(index);
        for (int i = 0; values != null && i < index.dim(0); i++) {
            int value = values.getAtIndex(ValueLayout.JAVA_INT, i);
            if (value < least || value >= rows) {
                throw new IllegalArgumentException(op + ": " + name + "[" + i + "] is " + value + ", but " + tableName + " " + table
                        + " has " + rows + " rows");
            }
        }
    }

    private static void checkDistinct(Tensor index) {
        MemorySegment values = hostOf(index);
        BitSet named = new BitSet();
        for (int i = 0; values != null && i < index.dim(0); i++) {
            int value = values.getAtIndex(ValueLayout.JAVA_INT, i);
            if (value >= 0 && named.get(value)) {
                throw new IllegalArgumentException("scatterRows: index[" + i + "] is " + value + " a second time; entries are distinct");
            }
            if (value >= 0) {
                named.set(value);
            }
        }
    }

    /** The tensor's elements, or null when they are on a device, where reading them would cost more than the operation. */
    private static MemorySegment hostOf(Tensor tensor) {
        return tensor.onHost() ? tensor.segment() : null;
    }

    private static void require(boolean fine, Supplier<String> message) {
        if (!fine) {
            throw new IllegalArgumentException(message.get());
        }
    }
}
