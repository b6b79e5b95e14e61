package org.caprl.core.tensor;

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
    private final Memory memory;
    private final OpProgram program;

    /**
     * Records into {@code program}.
     *
     * @param ops the backend that computes
     * @param memory where tensors of the recorded code come from
     */
    public RecordedOps(TensorOps ops, Memory memory, OpProgram program) {
        this.ops = ops;
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
        program.run(() -> ops.linear(x, w, bias, y));
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        program.run(() -> ops.linearInputGrad(dy, w, dx, accumulate));
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        program.run(() -> ops.linearWeightGrad(dy, x, dw, db));
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        program.run(() -> ops.gatherRows(x, index, y));
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        program.run(() -> ops.scatterRows(x, index, y));
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        program.run(() -> ops.scatterAddRows(x, index, y));
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        program.run(() -> ops.add(a, b, y));
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        program.run(() -> ops.scale(x, factor, y));
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        program.run(() -> ops.copy(x, y));
    }

    @Override
    public void fill(Tensor y, float value) {
        program.run(() -> ops.fill(y, value));
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        program.run(() -> ops.swiglu(gate, up, y));
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        program.run(() -> ops.swigluBackward(dy, gate, up, dGate, dUp));
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        program.run(() -> ops.gelu(x, kind, y));
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        program.run(() -> ops.geluBackward(dy, x, kind, dx));
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        program.run(() -> ops.rmsNorm(x, w, epsilon, y, inverseRms));
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        program.run(() -> ops.rmsNormBackward(dy, x, w, inverseRms, dx, dw));
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        program.run(() -> ops.layerNorm(x, w, b, epsilon, y, statistics));
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        program.run(() -> ops.layerNormBackward(dy, x, w, statistics, dx, dw, db));
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        program.run(() -> ops.rotaryTable(positions, spec, cos, sin));
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        program.run(() -> ops.rotary(x, cos, sin, inverse, y));
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        program.run(() -> ops.attention(q, k, v, plan, headDim, scale, out, logSumExp));
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
        program.run(() -> ops.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv));
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        program.run(() -> ops.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp));
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy,
            Tensor logSumExp, Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        program.run(() -> ops.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb,
                dEntropy, dHidden, dHead));
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        program.run(() -> ops.sample(logits, rows, ids, logProbs));
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
