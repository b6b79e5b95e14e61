package org.caprl.core.kernels.cpu;

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
 * The waist on the processor's vector units. Weights of {@link #linear}, {@link #linearInputGrad}, {@link #gatherRows} and of the head may
 * be bfloat16. Operations of decoding allocate nothing on the Java heap once they are warm.
 *
 * <p>Shapes are taken as given: {@link org.caprl.core.tensor.CheckedOps} checks them.
 */
public final class CpuOps implements TensorOps {
    private final HostMemory memory = new HostMemory();
    private final ThreadTeam team;
    private final SmallLinear small;
    private final Products products;
    private final RowMoves moves;
    private final Elements elements;
    private final Dropout dropout;
    private final Norms norms;
    private final Rotary rotary;
    private final CpuAttention attention;
    private final CpuHead head;
    private final CpuSampling sampling;
    private final CpuAdamW adamW;

    /** Starts {@code threads - 1} threads; the caller's is the other one. */
    public CpuOps(int threads) {
        team = new ThreadTeam(threads);
        small = new SmallLinear(team, memory);
        products = new Products(team, memory);
        moves = new RowMoves(team);
        elements = new Elements(team);
        dropout = new Dropout(team);
        norms = new Norms(team, memory);
        rotary = new Rotary(team);
        attention = new CpuAttention(team, memory);
        head = new CpuHead(team, this, memory);
        sampling = new CpuSampling(team, memory);
        adamW = new CpuAdamW(team);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public int threads() {
        return team.size();
    }

    /** The team's own threads, without the caller's. */
    Thread[] workers() {
        return team.threads();
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        // With a single output oneDNN sums in an order that depends on the number of rows.
        boolean single = w.dim(0) == 1;
        if (single || SmallLinear.suits(x.dim(0), w)) {
            Panels panels = small.panelsOf(w, single);
            if (panels != null) {
                small.apply(x, panels, bias, y);
                return;
            }
        }
        products.forward(x, w, bias, y);
    }

    @Override
    public void linears(Tensor x, Tensor[] w, Tensor[] bias, Tensor[] y) {
        if (x.dim(0) > SmallLinear.MOST_ROWS || !small.applyAll(x, w, bias, y)) {
            TensorOps.super.linears(x, w, bias, y);
        }
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        products.inputGrad(dy, w, dx, accumulate);
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        products.weightGrad(dy, x, dw, db);
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        moves.gather(x, index, y);
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        moves.scatter(x, index, y);
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        moves.scatterAdd(x, index, y);
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        elements.add(a, b, y);
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        elements.scale(x, factor, y);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        elements.copy(x, y);
    }

    @Override
    public void fill(Tensor y, float value) {
        elements.fill(y, value);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        elements.swiglu(gate, up, y);
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        elements.swigluGrad(dy, gate, up, dGate, dUp);
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        elements.gelu(x, kind, y);
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        elements.geluGrad(dy, x, kind, dx);
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        dropout.apply(x, rows, key, firstRow, rate, y);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        norms.rms(x, w, epsilon, y, inverseRms);
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        norms.rmsGrad(dy, x, w, inverseRms, dx, dw);
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        norms.layer(x, w, b, epsilon, y, statistics);
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        norms.layerGrad(dy, x, w, statistics, dx, dw, db);
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        norms.scale(x, w, y);
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        norms.scaleGrad(dy, x, w, dx, dw);
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        rotary.table(positions, spec, cos, sin);
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        rotary.rotate(x, cos, sin, inverse, y);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        attention.forward(q, k, v, plan, headDim, scale, out, logSumExp);
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan, int headDim,
            float scale, Tensor dq, Tensor dk, Tensor dv) {
        attention.backward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv);
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor weight, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        head.forward(hidden, weight, targets, temperature, logProb, entropy, logSumExp);
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor weight, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        head.backward(hidden, weight, targets, temperature, entropy, logSumExp, dLogProb, dEntropy, dHidden, dHead);
    }

    @Override
    public void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        sampling.sample(logits, rows, ids, logProbs);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        return adamW.sumOfSquares(x);
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        adamW.update(param, grad, m, v, step);
    }

    @Override
    public void close() {
        products.close();
        small.close();
        norms.close();
        attention.close();
        sampling.close();
        team.close();
        memory.close();
    }
}
