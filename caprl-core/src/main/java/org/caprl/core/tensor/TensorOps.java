package org.caprl.core.tensor;

import java.util.List;

/**
 * The waist: every computation of models, generation and updates is one of these whole-matrix operations.
 *
 * <p>Conventions. All tensors are dense and row-major. Unless said otherwise they are float32, 2-D operands are [rows, columns], and an
 * output is overwritten; outputs may not overlap inputs unless said. Gradients of parameters ({@code dw}, {@code db}, embedding tables,
 * norm weights, head) are <em>added to</em>, since micro-batches sum; other gradients are overwritten unless {@code accumulate} is given.
 * Index tensors are int32. Nothing here allocates tensors: callers own all memory. Implementations are used by one thread at a time and use
 * their own threads inside. Results for a row do not depend on how many other rows there are, up to rounding.
 *
 * <p>Frozen matrices may be bfloat16: the weights of {@link #linear} and {@link #linearInputGrad}, the head of
 * {@link #selectedLogProbs} and its backward, the table of {@link #gatherRows}. They are widened, and the computation is float32.
 */
public interface TensorOps extends AutoCloseable {
    /** The backend's name. */
    String name();

    /** Where this backend's tensors live. */
    Memory memory();

    /** Threads in use. */
    int threads();

    // ---- products -------------------------------------------------------------------------------------------------------

    /** y[M,N] = x[M,K] · w[N,K]ᵀ + bias[N]; {@code bias} may be null. */
    void linear(Tensor x, Tensor w, Tensor bias, Tensor y);

    /** {@link #linear} of the same rows for several layers, y[i] = x · w[i]ᵀ + bias[i]: for few rows, starting one by one takes time. */
    default void linears(Tensor x, Tensor[] w, Tensor[] bias, Tensor[] y) {
        for (int i = 0; i < w.length; i++) {
            linear(x, w[i], bias[i], y[i]);
        }
    }

    /** dx[M,K] = dy[M,N] · w[N,K], added to dx when {@code accumulate}. */
    void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate);

    /** dw[N,K] += dy[M,N]ᵀ · x[M,K]; db[N] += column sums of dy; {@code db} may be null. */
    void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db);

    // ---- rows -----------------------------------------------------------------------------------------------------------

    /** y[i] = x[index[i]]: rows of x [R,C] (any dtype that y has too; a bfloat16 x is widened into a float32 y), index [n], y [n,C]. */
    void gatherRows(Tensor x, Tensor index, Tensor y);

    /** y[index[i]] = x[i]; index entries are distinct, other rows of y stay. Entries below 0 are passed over. */
    void scatterRows(Tensor x, Tensor index, Tensor y);

    /** y[index[i]] += x[i]; index entries may repeat (gradient of {@link #gatherRows}). Sums in order of i. */
    void scatterAddRows(Tensor x, Tensor index, Tensor y);

    // ---- element-wise ---------------------------------------------------------------------------------------------------

    /** y = a + b, equal shapes; y may be a or b. */
    void add(Tensor a, Tensor b, Tensor y);

    /** y = x · factor; y may be x. */
    void scale(Tensor x, float factor, Tensor y);

    /** y = x, converting dtype where they differ (float32 from and to bfloat16, round to nearest even). */
    void copy(Tensor x, Tensor y);

    /** All elements = value (float32 or int32). */
    void fill(Tensor y, float value);

    /** y = silu(gate) · up, all [M,N]. */
    void swiglu(Tensor gate, Tensor up, Tensor y);

    /** Gradients of {@link #swiglu}; dGate may be gate's, dUp up's memory. */
    void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp);

    /** y = gelu(x). */
    void gelu(Tensor x, Gelu kind, Tensor y);

    /** dx = dy · gelu'(x). */
    void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx);

    /**
     * Dropout by counters: y[i,j] = x[i,j] / (1 - rate) where {@code CounterRandom.uniform(CounterRandom.with(key, n), j)} is at least
     * {@code rate}, else 0, n = firstRow + rows[i] being the number of row i; x, y [M,C], y may be x. An element's fate depends on the key,
     * its row's number and its column alone, so that rows can be computed in any batch. Its own backward: dx = dropout(dy).
     *
     * @param rows int32 [M]; null for 0, 1, 2, …
     * @param rate share of the elements that is dropped, in [0, 1)
     */
    void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y);

    // ---- norms ----------------------------------------------------------------------------------------------------------

    /** y = x / sqrt(mean(x²) + epsilon) · w along rows; x, y [M,C], w [C], {@code inverseRms} [M] keeps 1/sqrt(…) for backward. */
    void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms);

    /** dx [M,C] overwritten; dw [C] added to, or null for none. */
    void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw);

    /** y = (x - mean) / sqrt(var + epsilon) · w + b along rows; {@code statistics} [M,2] keeps mean and 1/sqrt(…). */
    void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics);

    /** dx [M,C] overwritten; dw, db [C] added to, or both null. */
    void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db);

    /** y = x · w, each column by its factor (layer scale); x, y [M,C], w [C]. */
    void scaleColumns(Tensor x, Tensor w, Tensor y);

    /** Gradients of {@link #scaleColumns}: dx [M,C] overwritten; dw [C] added to, or null for none. */
    void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw);

    // ---- attention ------------------------------------------------------------------------------------------------------

    /**
     * cos and sin of position · frequency: positions int32 [A,T], cos and sin [T, F] for the F frequencies of the spec. The angle is
     * rounded to float32 before the cosine, as {@code transformers} does.
     */
    void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin);

    /**
     * Rotates pairs (i, i + headDim/2) of every head: x, y [T, heads·headDim], cos and sin [T, headDim/2]; {@code inverse} rotates back,
     * which is the gradient. y may be x.
     */
    void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y);

    /**
     * Softmax attention by a plan: q [Tq, heads·headDim], k and v [Tk, kvHeads·headDim], out [Tq, heads·headDim]; each kv head serves
     * heads/kvHeads consecutive query heads. {@code logSumExp} [Tq, heads] keeps log Σ exp of the scaled scores for backward; null in
     * inference. Query rows that the plan does not name are left as they are.
     *
     * @param headDim columns of one head
     * @param scale factor on q·k
     */
    void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp);

    /** Gradients of {@link #attention}: dq, dk, dv are overwritten (rows that no query sees get 0). */
    void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan, int headDim,
            float scale, Tensor dq, Tensor dk, Tensor dv);

    // ---- the head -------------------------------------------------------------------------------------------------------

    /**
     * Log-probabilities of given targets without the whole logits matrix: for each row t of hidden [T,D], with
     * z = hidden[t]·headᵀ/temperature and head [V,D], logProb[t] = z[target] - logSumExp(z), entropy[t] = -Σ p log p, logSumExp[t].
     * Targets int32 [T]; outputs [T]. Works in chunks of rows.
     */
    void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy, Tensor logSumExp);

    /**
     * Gradients of {@link #selectedLogProbs}: dHidden overwritten, dHead added to (null for none); dEntropy null where the loss has no
     * entropy term. d z = (dLogProb·(1[target] - p) - dEntropy·p·(log p + entropy)), then / temperature.
     */
    void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead);

    /**
     * One token for each row of logits [B,V], B at most {@code rows.capacity()}: ids int32 [B], logProbs [B,3] with, in this order,
     * <em>raw</em> (log-softmax of the logits), <em>tempered</em> (of logits / temperature; raw where greedy) and <em>sampled</em> (after
     * penalty, temperature and all filters; 0 where greedy). The draw is inverse-CDF in order of ids over the kept tokens with
     * {@code CounterRandom.uniform(key, counter)}. Logits are left as they are. A row with NaN or +∞ gets a log-prob that is not finite.
     */
    void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs);

    // ---- the update -----------------------------------------------------------------------------------------------------

    /** Σ x² in double, in a fixed order. */
    double sumOfSquares(Tensor x);

    /** Σ x² over several tensors, in double and in their order: one answer to the host for all of them. */
    default double sumOfSquares(List<Tensor> tensors) {
        double sum = 0;
        for (Tensor x : tensors) {
            sum += sumOfSquares(x);
        }
        return sum;
    }

    /** One AdamW update in place: param, grad, m and v have one shape; grad stays. Marks {@code param} as written. */
    void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step);

    /** Stops the backend's threads and frees its memory. */
    @Override
    void close();
}
