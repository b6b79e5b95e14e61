package org.caprl.trainer.bench;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/** Measures the time in each operation of a backend. Two clock readings an operation, about 50 ns. */
final class TimedOps implements TensorOps {
    private final TensorOps ops;
    private final long[] nanos = new long[Op.values().length];
    private final long[] calls = new long[Op.values().length];
    private double flops;
    private Tensor head;

    /** The operations that are told apart. */
    enum Op {
        LINEAR(OpProfile.Part.PRODUCTS),
        HEAD_LOGITS(OpProfile.Part.HEAD),
        LINEAR_INPUT_GRAD(OpProfile.Part.PRODUCTS),
        LINEAR_WEIGHT_GRAD(OpProfile.Part.PRODUCTS),
        GATHER_ROWS(OpProfile.Part.ROWS),
        SCATTER_ROWS(OpProfile.Part.ROWS),
        SCATTER_ADD_ROWS(OpProfile.Part.ROWS),
        ADD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        SCALE(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        COPY(OpProfile.Part.ROWS),
        FILL(OpProfile.Part.ROWS),
        SWIGLU(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        SWIGLU_BACKWARD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        GELU(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        GELU_BACKWARD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        DROPOUT(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        RMS_NORM(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        RMS_NORM_BACKWARD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        LAYER_NORM(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        LAYER_NORM_BACKWARD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        SCALE_COLUMNS(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        SCALE_COLUMNS_BACKWARD(OpProfile.Part.NORMS_AND_ACTIVATIONS),
        ROTARY_TABLE(OpProfile.Part.ATTENTION),
        ROTARY(OpProfile.Part.ATTENTION),
        ATTENTION(OpProfile.Part.ATTENTION),
        ATTENTION_BACKWARD(OpProfile.Part.ATTENTION),
        SELECTED_LOG_PROBS(OpProfile.Part.HEAD),
        SELECTED_LOG_PROBS_BACKWARD(OpProfile.Part.HEAD),
        SAMPLE(OpProfile.Part.SAMPLING),
        SUM_OF_SQUARES(OpProfile.Part.OPTIMIZER),
        ADAM_W(OpProfile.Part.OPTIMIZER);

        final OpProfile.Part part;

        Op(OpProfile.Part part) {
            this.part = part;
        }
    }

    TimedOps(TensorOps ops) {
        this.ops = ops;
    }

    /** Products with this matrix are counted as the head's; null for none. */
    void head(Tensor matrix) {
        head = matrix;
    }

    /** Forgets what was measured. */
    void reset() {
        Arrays.fill(nanos, 0);
        Arrays.fill(calls, 0);
        flops = 0;
    }

    /** What was measured, in {@code repetitions} that took {@code seconds} together. */
    OpProfile profile(double seconds, int repetitions) {
        Map<Op, OpProfile.Operation> operations = new EnumMap<>(Op.class);
        for (Op op : Op.values()) {
            if (calls[op.ordinal()] > 0) {
                operations.put(op, new OpProfile.Operation(calls[op.ordinal()] / (double) repetitions,
                        nanos[op.ordinal()] / 1e9 / repetitions));
            }
        }
        return OpProfile.of(seconds / repetitions, operations, flops / repetitions);
    }

    private void took(Op op, long before) {
        nanos[op.ordinal()] += System.nanoTime() - before;
        calls[op.ordinal()]++;
    }

    private void multiplied(Tensor rows, Tensor matrix) {
        flops += 2.0 * rows.dim(0) * matrix.size();
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
        long before = System.nanoTime();
        ops.linear(x, w, bias, y);
        if (w == head) {
            took(Op.HEAD_LOGITS, before);
        } else {
            took(Op.LINEAR, before);
            multiplied(x, w);
        }
    }

    @Override
    public void linears(Tensor x, Tensor[] w, Tensor[] bias, Tensor[] y) {
        if (w.length == 1) {
            linear(x, w[0], bias[0], y[0]);
            return;
        }
        long before = System.nanoTime();
        ops.linears(x, w, bias, y);
        took(Op.LINEAR, before);
        for (Tensor weight : w) {
            multiplied(x, weight);
        }
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        long before = System.nanoTime();
        ops.linearInputGrad(dy, w, dx, accumulate);
        took(Op.LINEAR_INPUT_GRAD, before);
        multiplied(dy, w);
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        long before = System.nanoTime();
        ops.linearWeightGrad(dy, x, dw, db);
        took(Op.LINEAR_WEIGHT_GRAD, before);
        multiplied(dy, dw);
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        long before = System.nanoTime();
        ops.gatherRows(x, index, y);
        took(Op.GATHER_ROWS, before);
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        long before = System.nanoTime();
        ops.scatterRows(x, index, y);
        took(Op.SCATTER_ROWS, before);
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        long before = System.nanoTime();
        ops.scatterAddRows(x, index, y);
        took(Op.SCATTER_ADD_ROWS, before);
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        long before = System.nanoTime();
        ops.add(a, b, y);
        took(Op.ADD, before);
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        long before = System.nanoTime();
        ops.scale(x, factor, y);
        took(Op.SCALE, before);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        long before = System.nanoTime();
        ops.copy(x, y);
        took(Op.COPY, before);
    }

    @Override
    public void fill(Tensor y, float value) {
        long before = System.nanoTime();
        ops.fill(y, value);
        took(Op.FILL, before);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        long before = System.nanoTime();
        ops.swiglu(gate, up, y);
        took(Op.SWIGLU, before);
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        long before = System.nanoTime();
        ops.swigluBackward(dy, gate, up, dGate, dUp);
        took(Op.SWIGLU_BACKWARD, before);
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        long before = System.nanoTime();
        ops.gelu(x, kind, y);
        took(Op.GELU, before);
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        long before = System.nanoTime();
        ops.geluBackward(dy, x, kind, dx);
        took(Op.GELU_BACKWARD, before);
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        long before = System.nanoTime();
        ops.dropout(x, rows, key, firstRow, rate, y);
        took(Op.DROPOUT, before);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        long before = System.nanoTime();
        ops.rmsNorm(x, w, epsilon, y, inverseRms);
        took(Op.RMS_NORM, before);
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        long before = System.nanoTime();
        ops.rmsNormBackward(dy, x, w, inverseRms, dx, dw);
        took(Op.RMS_NORM_BACKWARD, before);
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        long before = System.nanoTime();
        ops.layerNorm(x, w, b, epsilon, y, statistics);
        took(Op.LAYER_NORM, before);
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        long before = System.nanoTime();
        ops.layerNormBackward(dy, x, w, statistics, dx, dw, db);
        took(Op.LAYER_NORM_BACKWARD, before);
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        long before = System.nanoTime();
        ops.scaleColumns(x, w, y);
        took(Op.SCALE_COLUMNS, before);
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        long before = System.nanoTime();
        ops.scaleColumnsBackward(dy, x, w, dx, dw);
        took(Op.SCALE_COLUMNS_BACKWARD, before);
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        long before = System.nanoTime();
        ops.rotaryTable(positions, spec, cos, sin);
        took(Op.ROTARY_TABLE, before);
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        long before = System.nanoTime();
        ops.rotary(x, cos, sin, inverse, y);
        took(Op.ROTARY, before);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        long before = System.nanoTime();
        ops.attention(q, k, v, plan, headDim, scale, out, logSumExp);
        took(Op.ATTENTION, before);
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
        long before = System.nanoTime();
        ops.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv);
        took(Op.ATTENTION_BACKWARD, before);
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        long before = System.nanoTime();
        ops.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp);
        took(Op.SELECTED_LOG_PROBS, before);
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        long before = System.nanoTime();
        ops.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb, dEntropy, dHidden, dHead);
        took(Op.SELECTED_LOG_PROBS_BACKWARD, before);
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        long before = System.nanoTime();
        ops.sample(logits, rows, ids, logProbs);
        took(Op.SAMPLE, before);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        long before = System.nanoTime();
        double result = ops.sumOfSquares(x);
        took(Op.SUM_OF_SQUARES, before);
        return result;
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        long before = System.nanoTime();
        ops.adamW(param, grad, m, v, step);
        took(Op.ADAM_W, before);
    }

    @Override
    public void close() {
        ops.close();
    }
}
