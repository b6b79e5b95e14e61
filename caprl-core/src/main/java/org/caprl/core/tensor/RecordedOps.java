package org.caprl.core.tensor;

import java.util.Arrays;

/**
 * Runs every operation on a backend and writes it down in an {@link OpProgram}, which can then be replayed without the code that made it.
 *
 * <p>A step that repeats with the same shapes (decoding) is recorded once: its inputs, attention plan and sampling rows are changed in
 * place, and a replay makes no object. The tensors that the operations name must stay valid and unshared as long as the program is used;
 * {@link ScratchMemory} gives such tensors. Only operations are recorded, so memory that the recorded code fills by other means
 * ({@link TensorScope#zeros}) is not filled again by a replay.
 */
public final class RecordedOps implements TensorOps {
    private final TensorOps ops;
    private final TensorOps direct;
    private final Memory memory;
    private final OpProgram program;
    private LinearLayers layers;

    /**
     * Records into {@code program}.
     *
     * @param ops the backend that computes; where it is checked, recording is, and replays of the same shapes are not
     * @param memory where tensors of the recorded code come from
     */
    public RecordedOps(TensorOps ops, Memory memory, OpProgram program) {
        this.ops = ops;
        this.direct = ops instanceof CheckedOps checked ? checked.unchecked() : ops;
        this.memory = memory;
        this.program = program;
    }

    @Override
    public String name() {
        return ops.name();
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public int threads() {
        return ops.threads();
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        ops.linear(x, w, bias, y);
        if (layers != null && layers.x == x && layers.end == program.size()) {
            layers.add(w, bias, y);
            return;
        }
        layers = new LinearLayers(x);
        layers.add(w, bias, y);
        program.keep(layers);
        layers.end = program.size();
    }

    /** Linear layers of the same rows that came one after the other, as queries, keys and values do: replayed in one operation. */
    private final class LinearLayers implements Runnable {
        private final Tensor x;
        private int end;
        private Tensor[] w = {};
        private Tensor[] bias = {};
        private Tensor[] y = {};

        private LinearLayers(Tensor x) {
            this.x = x;
        }

        private void add(Tensor weight, Tensor biasOrNull, Tensor result) {
            w = with(w, weight);
            bias = with(bias, biasOrNull);
            y = with(y, result);
        }

        private static Tensor[] with(Tensor[] tensors, Tensor last) {
            Tensor[] more = Arrays.copyOf(tensors, tensors.length + 1);
            more[tensors.length] = last;
            return more;
        }

        @Override
        public void run() {
            direct.linears(x, w, bias, y);
        }
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        ops.linearInputGrad(dy, w, dx, accumulate);
        program.keep(() -> direct.linearInputGrad(dy, w, dx, accumulate));
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        ops.linearWeightGrad(dy, x, dw, db);
        program.keep(() -> direct.linearWeightGrad(dy, x, dw, db));
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        ops.gatherRows(x, index, y);
        program.keep(() -> direct.gatherRows(x, index, y));
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        ops.scatterRows(x, index, y);
        program.keep(() -> direct.scatterRows(x, index, y));
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        ops.scatterAddRows(x, index, y);
        program.keep(() -> direct.scatterAddRows(x, index, y));
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        ops.add(a, b, y);
        program.keep(() -> direct.add(a, b, y));
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        ops.scale(x, factor, y);
        program.keep(() -> direct.scale(x, factor, y));
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        ops.copy(x, y);
        program.keep(() -> direct.copy(x, y));
    }

    @Override
    public void fill(Tensor y, float value) {
        ops.fill(y, value);
        program.keep(() -> direct.fill(y, value));
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        ops.swiglu(gate, up, y);
        program.keep(() -> direct.swiglu(gate, up, y));
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        ops.swigluBackward(dy, gate, up, dGate, dUp);
        program.keep(() -> direct.swigluBackward(dy, gate, up, dGate, dUp));
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        ops.gelu(x, kind, y);
        program.keep(() -> direct.gelu(x, kind, y));
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        ops.geluBackward(dy, x, kind, dx);
        program.keep(() -> direct.geluBackward(dy, x, kind, dx));
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        ops.dropout(x, rows, key, firstRow, rate, y);
        program.keep(() -> direct.dropout(x, rows, key, firstRow, rate, y));
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        ops.rmsNorm(x, w, epsilon, y, inverseRms);
        program.keep(() -> direct.rmsNorm(x, w, epsilon, y, inverseRms));
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        ops.rmsNormBackward(dy, x, w, inverseRms, dx, dw);
        program.keep(() -> direct.rmsNormBackward(dy, x, w, inverseRms, dx, dw));
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        ops.layerNorm(x, w, b, epsilon, y, statistics);
        program.keep(() -> direct.layerNorm(x, w, b, epsilon, y, statistics));
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        ops.layerNormBackward(dy, x, w, statistics, dx, dw, db);
        program.keep(() -> direct.layerNormBackward(dy, x, w, statistics, dx, dw, db));
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        ops.scaleColumns(x, w, y);
        program.keep(() -> direct.scaleColumns(x, w, y));
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        ops.scaleColumnsBackward(dy, x, w, dx, dw);
        program.keep(() -> direct.scaleColumnsBackward(dy, x, w, dx, dw));
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        ops.rotaryTable(positions, spec, cos, sin);
        program.keep(() -> direct.rotaryTable(positions, spec, cos, sin));
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        ops.rotary(x, cos, sin, inverse, y);
        program.keep(() -> direct.rotary(x, cos, sin, inverse, y));
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        ops.attention(q, k, v, plan, headDim, scale, out, logSumExp);
        program.keep(() -> direct.attention(q, k, v, plan, headDim, scale, out, logSumExp));
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
        ops.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv);
        program.keep(() -> direct.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv));
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        ops.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp);
        program.keep(() -> direct.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp));
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy,
            Tensor logSumExp, Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        ops.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb,
                dEntropy, dHidden, dHead);
        program.keep(() -> direct.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb,
                dEntropy, dHidden, dHead));
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        ops.sample(logits, rows, ids, logProbs);
        program.keep(() -> direct.sample(logits, rows, ids, logProbs));
    }

    /** @throws UnsupportedOperationException always: a replay has nobody to give the sum to */
    @Override
    public double sumOfSquares(Tensor x) {
        throw new UnsupportedOperationException("a sum is an answer to the host and can't be recorded");
    }

    /** @throws UnsupportedOperationException always: the numbers of an update change with every step */
    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        throw new UnsupportedOperationException("an update has other numbers at each step and can't be recorded");
    }

    /** Ends the recording; the backend goes on. */
    @Override
    public void close() {
    }
}
