package org.caprl.core.tensor;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Computes nothing, in {@link DryMemory}: for learning how much memory code takes by running it.
 *
 * <p>Tensors hold zeros and stay so. Beside what the code allocates itself it takes what the CPU backend takes in proportion to a model: a
 * packed copy of each weight that is multiplied with few rows, as decoding does, and a chunk of logits.
 */
public final class DryOps implements TensorOps {
    private static final int FEW_ROWS = 64;
    private static final long LOGITS_BYTES = 32L << 20;
    private static final int LEAST_LOGITS = 32;
    private static final int MOST_LOGITS = 256;

    private final DryMemory memory = new DryMemory();
    private final Map<Tensor, Storage> packed = new IdentityHashMap<>();

    @Override
    public String name() {
        return "dry";
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        if (x.dim(0) <= FEW_ROWS) {
            packed.computeIfAbsent(w, weight -> memory.take(weight.byteSize()));
        }
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        chunkOfLogits(head.dim(0));
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy,
            Tensor logSumExp, Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        chunkOfLogits(head.dim(0));
    }

    private void chunkOfLogits(int vocabulary) {
        long row = (long) vocabulary * Float.BYTES;
        memory.give(memory.take(row * Math.clamp(LOGITS_BYTES / row, LEAST_LOGITS, MOST_LOGITS)));
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
    }

    @Override
    public void copy(Tensor x, Tensor y) {
    }

    @Override
    public void fill(Tensor y, float value) {
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
    }

    @Override
    public double sumOfSquares(Tensor x) {
        return 0;
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
    }

    @Override
    public void close() {
        packed.clear();
        memory.close();
    }
}
