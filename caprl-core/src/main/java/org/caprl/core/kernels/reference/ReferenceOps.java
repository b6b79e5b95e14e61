package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.HostMemory;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/**
 * The waist in plain loops: sums in double, results rounded once. Weights of {@link #linear}, {@link #gatherRows} and of the head may be
 * bfloat16; everything is checked by {@link org.caprl.core.tensor.CheckedOps}, not here.
 */
public final class ReferenceOps implements TensorOps {
    private final HostMemory memory = new HostMemory();

    @Override
    public String name() {
        return "reference";
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
        ReferenceProducts.linear(x, w, bias, y);
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        ReferenceProducts.linearInputGrad(dy, w, dx, accumulate);
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        ReferenceProducts.linearWeightGrad(dy, x, dw, db);
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        ReferenceRows.gather(x, index, y);
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        ReferenceRows.scatter(x, index, y);
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        ReferenceRows.scatterAdd(x, index, y);
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        ReferenceElements.add(a, b, y);
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        ReferenceElements.scale(x, factor, y);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        ReferenceRows.move(x, 0, y, 0, x.size());
    }

    @Override
    public void fill(Tensor y, float value) {
        ReferenceRows.fill(y, value);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        ReferenceElements.swiglu(gate, up, y);
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        ReferenceElements.swigluBackward(dy, gate, up, dGate, dUp);
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        ReferenceElements.gelu(x, kind, y);
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        ReferenceElements.geluBackward(dy, x, kind, dx);
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        ReferenceElements.dropout(x, rows, key, firstRow, rate, y);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        ReferenceNorms.rmsNorm(x, w, epsilon, y, inverseRms);
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        ReferenceNorms.rmsNormBackward(dy, x, w, inverseRms, dx, dw);
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        ReferenceNorms.layerNorm(x, w, b, epsilon, y, statistics);
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        ReferenceNorms.layerNormBackward(dy, x, w, statistics, dx, dw, db);
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        ReferenceNorms.scaleColumns(x, w, y);
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        ReferenceNorms.scaleColumnsBackward(dy, x, w, dx, dw);
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        ReferenceAttention.rotaryTable(positions, spec, cos, sin);
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        ReferenceAttention.rotary(x, cos, sin, inverse, y);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        ReferenceAttention.attention(q, k, v, plan, headDim, scale, out, logSumExp);
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
        ReferenceAttention.attentionBackward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv);
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        ReferenceHead.selectedLogProbs(hidden, head, targets, temperature, logProb, entropy, logSumExp);
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        ReferenceHead.selectedLogProbsBackward(hidden, head, targets, temperature, entropy, logSumExp, dLogProb, dEntropy, dHidden, dHead);
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        ReferenceSampling.sample(logits, rows, ids, logProbs);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        return ReferenceElements.sumOfSquares(x);
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        ReferenceElements.adamW(param, grad, m, v, step);
    }

    @Override
    public void close() {
        memory.close();
    }
}
