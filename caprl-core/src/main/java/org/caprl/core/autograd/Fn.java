package org.caprl.core.autograd;

import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * Every differentiable function, forward beside its backward. Shapes are those of the {@link TensorOps} operation of the same name.
 */
public final class Fn {
    private Fn() {
    }

    /** y [M,N] = x [M,K] · w [N,K]ᵀ + b [N]; b may be null. */
    public static Var linear(Pass pass, Var x, Var w, Var b) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(x.value().rowCount(), w.value().dim(0));
        ops.linear(x.value(), w.value(), b == null ? null : b.value(), y);
        return result(pass, y, out -> {
            if (w.requiresGrad()) {
                ops.linearWeightGrad(out.grad(), x.value(), w.grad(), b == null ? null : b.grad());
            }
            inputGrad(pass, out.grad(), w, x);
        }, x, w, b);
    }

    /** d x += dy · w, where x has a gradient. */
    private static void inputGrad(Pass pass, Tensor dy, Var w, Var x) {
        if (x.hasOwnGrad()) {
            pass.ops().linearInputGrad(dy, w.value(), x.grad(), true);
        } else if (x.requiresGrad()) {
            Tensor dx = pass.scope().floats(x.value().shape());
            pass.ops().linearInputGrad(dy, w.value(), dx, false);
            x.accumulate(pass, dx, false);
        }
    }

    /**
     * A linear layer with a low-rank adapter (LoRA, arXiv 2106.09685): y [M,N] = x · wᵀ + bias + scaling · dropout(x) · aᵀ · bᵀ. Of
     * what lies between x and y only x·aᵀ [M,r] is kept for backward.
     *
     * @param a [r,K]
     * @param b [N,r]
     * @param mask of the dropout, or null for none
     */
    public static Var adaptedLinear(Pass pass, Var x, Var w, Var bias, Var a, Var b, float scaling, Mask mask) {
        TensorOps ops = pass.ops();
        TensorScope scope = pass.scope();
        int rows = x.value().rowCount();
        Tensor y = scope.floats(rows, w.value().dim(0));
        ops.linear(x.value(), w.value(), bias == null ? null : bias.value(), y);
        Tensor low = scope.floats(rows, a.value().dim(0));
        Tensor kept = dropped(pass, x.value(), mask);
        ops.linear(kept, a.value(), null, low);
        ops.scale(low, scaling, low);
        release(pass, kept, x.value());
        Tensor delta = scope.floats(y.shape());
        ops.linear(low, b.value(), null, delta);
        ops.add(y, delta, y);
        scope.release(delta);
        if (!pass.recording(x, w, bias, a, b)) {
            scope.release(low);
            return Var.computed(y, false);
        }
        return result(pass, y, low, out -> {
            Tensor dy = out.grad();
            if (w.requiresGrad()) {
                ops.linearWeightGrad(dy, x.value(), w.grad(), bias == null ? null : bias.grad());
            }
            if (b.requiresGrad()) {
                ops.linearWeightGrad(dy, low, b.grad(), null);
            }
            Tensor dLow = scope.floats(low.shape());
            ops.linearInputGrad(dy, b.value(), dLow, false);
            ops.scale(dLow, scaling, dLow);
            if (a.requiresGrad()) {
                Tensor again = dropped(pass, x.value(), mask);
                ops.linearWeightGrad(dLow, again, a.grad(), null);
                release(pass, again, x.value());
            }
            inputGrad(pass, dy, w, x);
            if (mask == null) {
                inputGrad(pass, dLow, a, x);
            } else if (x.requiresGrad()) {
                Tensor dx = scope.floats(x.value().shape());
                ops.linearInputGrad(dLow, a.value(), dx, false);
                ops.dropout(dx, mask.rows(), mask.key(), mask.firstRow(), mask.rate(), dx);
                x.accumulate(pass, dx, false);
            }
            scope.release(dLow);
        }, x, w, bias, a, b);
    }

    /** See {@link TensorOps#dropout}. */
    public record Mask(Tensor rows, long key, long firstRow, float rate) {
    }

    private static Tensor dropped(Pass pass, Tensor x, Mask mask) {
        if (mask == null) {
            return x;
        }
        Tensor kept = pass.scope().floats(x.shape());
        pass.ops().dropout(x, mask.rows(), mask.key(), mask.firstRow(), mask.rate(), kept);
        return kept;
    }

    private static void release(Pass pass, Tensor kept, Tensor x) {
        if (kept != x) {
            pass.scope().release(kept);
        }
    }

    /**
     * Rows of a table [V,D] by ids int32 [T]: y [T,D].
     *
     * @param padding the row that gets no gradient ({@code padding_idx} of {@code torch.nn.Embedding}), or -1
     */
    public static Var embedding(Pass pass, Var table, Tensor ids, int padding) {
        Tensor y = pass.scope().floats(ids.rowCount(), table.value().columns());
        pass.ops().gatherRows(table.value(), ids, y);
        return result(pass, y, out -> {
            if (padding < 0) {
                pass.ops().scatterAddRows(out.grad(), ids, table.grad());
                return;
            }
            // Put back as it was: no ids come to the host for this.
            Tensor untouched = table.grad().rows(padding, padding + 1);
            Tensor before = pass.scope().floats(1, y.columns());
            pass.ops().copy(untouched, before);
            pass.ops().scatterAddRows(out.grad(), ids, table.grad());
            pass.ops().copy(before, untouched);
            pass.scope().release(before);
        }, table);
    }

    /** y[i] = x[index[i]], index int32 [n]; entries may repeat. */
    public static Var gatherRows(Pass pass, Var x, Tensor index) {
        Tensor y = pass.scope().floats(index.rowCount(), x.value().columns());
        pass.ops().gatherRows(x.value(), index, y);
        return result(pass, y, out -> {
            Tensor dx = zeros(pass, x.value());
            pass.ops().scatterAddRows(out.grad(), index, dx);
            x.accumulate(pass, dx, false);
        }, x);
    }

    /** {@code base} [T,D] with rows {@code index} (int32 [n], distinct) replaced by the rows of {@code inserted} [n,D]. */
    public static Var splice(Pass pass, Var base, Var inserted, Tensor index) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(base.value().shape());
        ops.copy(base.value(), y);
        ops.scatterRows(inserted.value(), index, y);
        return result(pass, y, out -> {
            if (inserted.requiresGrad()) {
                Tensor d = pass.scope().floats(inserted.value().shape());
                ops.gatherRows(out.grad(), index, d);
                inserted.accumulate(pass, d, false);
            }
            if (base.requiresGrad()) {
                Tensor d = pass.scope().floats(base.value().shape());
                ops.copy(out.grad(), d);
                Tensor nothing = zeros(pass, inserted.value());
                ops.scatterRows(nothing, index, d);
                pass.scope().release(nothing);
                base.accumulate(pass, d, false);
            }
        }, base, inserted);
    }

    /** {@code base} [T,D] with the rows of {@code added} [n,D] added to its rows {@code index} (int32 [n], distinct). */
    public static Var addRows(Pass pass, Var base, Var added, Tensor index) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(base.value().shape());
        ops.copy(base.value(), y);
        ops.scatterAddRows(added.value(), index, y);
        return result(pass, y, out -> {
            if (added.requiresGrad()) {
                Tensor d = pass.scope().floats(added.value().shape());
                ops.gatherRows(out.grad(), index, d);
                added.accumulate(pass, d, false);
            }
            base.accumulate(pass, out.grad(), true);
        }, base, added);
    }

    /** y [M,D] = coefficients [M,R] · table [R,D]: each row a mixture of the rows of a parameter. */
    public static Var mixRows(Pass pass, Tensor coefficients, Var table) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(coefficients.rowCount(), table.value().columns());
        ops.linearInputGrad(coefficients, table.value(), y, false); // the product of its signature, here of no gradient
        return result(pass, y, out -> ops.linearWeightGrad(coefficients, out.grad(), table.grad(), null), table);
    }

    /** y[i] = factors[i] · x[i]: x [M,D] with an even D, factors [M,1]. Pairs of columns are rotated by angles whose sine is 0. */
    public static Var scaleRows(Pass pass, Var x, Tensor factors) {
        return rotary(pass, x, factors, zeros(pass, factors));
    }

    /** a + b, equal shapes. */
    public static Var add(Pass pass, Var a, Var b) {
        Tensor y = pass.scope().floats(a.value().shape());
        pass.ops().add(a.value(), b.value(), y);
        return result(pass, y, out -> {
            a.accumulate(pass, out.grad(), true);
            b.accumulate(pass, out.grad(), true);
        }, a, b);
    }

    /** The same elements in another shape. */
    public static Var reshape(Pass pass, Var x, int... shape) {
        int[] before = x.value().shape();
        Var out = Var.computed(x.value().reshape(shape), pass.recording(x));
        if (out.requiresGrad()) {
            pass.tape().record(out, () -> x.accumulate(pass, out.grad().reshape(before), true), pass.scope());
        }
        return out;
    }

    /** Root-mean-square norm along rows, times w [C]. */
    public static Var rmsNorm(Pass pass, Var x, Var w, float epsilon) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(x.value().shape());
        Tensor inverseRms = pass.scope().floats(x.value().rowCount());
        ops.rmsNorm(x.value(), w.value(), epsilon, y, inverseRms);
        return result(pass, y, inverseRms, out -> {
            Tensor dx = pass.scope().floats(x.value().shape());
            ops.rmsNormBackward(out.grad(), x.value(), w.value(), inverseRms, dx, w.grad());
            x.accumulate(pass, dx, false);
        }, x, w);
    }

    /** Layer norm along rows, times w [C] plus b [C]. */
    public static Var layerNorm(Pass pass, Var x, Var w, Var b, float epsilon) {
        TensorOps ops = pass.ops();
        Tensor y = pass.scope().floats(x.value().shape());
        Tensor statistics = pass.scope().floats(x.value().rowCount(), 2);
        ops.layerNorm(x.value(), w.value(), b.value(), epsilon, y, statistics);
        return result(pass, y, statistics, out -> {
            Tensor dx = pass.scope().floats(x.value().shape());
            ops.layerNormBackward(out.grad(), x.value(), w.value(), statistics, dx, w.grad(), b.grad());
            x.accumulate(pass, dx, false);
        }, x, w, b);
    }

    /** x [M,C] · w [C], each column by its factor. */
    public static Var scaleColumns(Pass pass, Var x, Var w) {
        Tensor y = pass.scope().floats(x.value().shape());
        pass.ops().scaleColumns(x.value(), w.value(), y);
        return result(pass, y, out -> {
            Tensor dx = pass.scope().floats(x.value().shape());
            pass.ops().scaleColumnsBackward(out.grad(), x.value(), w.value(), dx, w.grad());
            x.accumulate(pass, dx, false);
        }, x, w);
    }

    /** Rotary embedding of every head; cos and sin [T, headDim/2]. */
    public static Var rotary(Pass pass, Var x, Tensor cos, Tensor sin) {
        Tensor y = pass.scope().floats(x.value().shape());
        pass.ops().rotary(x.value(), cos, sin, false, y);
        return result(pass, y, out -> {
            Tensor dx = pass.scope().floats(x.value().shape());
            pass.ops().rotary(out.grad(), cos, sin, true, dx);
            x.accumulate(pass, dx, false);
        }, x);
    }

    /** Softmax attention by a plan; every query row must be named by the plan. */
    public static Var attention(Pass pass, Var q, Var k, Var v, AttentionPlan plan, int headDim) {
        TensorOps ops = pass.ops();
        float scale = (float) (1.0 / Math.sqrt(headDim));
        Tensor y = pass.scope().floats(q.value().shape());
        boolean recording = pass.recording(q, k, v);
        Tensor logSumExp = recording ? pass.scope().floats(q.value().rowCount(), q.value().columns() / headDim) : null;
        ops.attention(q.value(), k.value(), v.value(), plan, headDim, scale, y, logSumExp);
        return result(pass, y, logSumExp, out -> {
            Tensor dq = pass.scope().floats(q.value().shape());
            Tensor dk = pass.scope().floats(k.value().shape());
            Tensor dv = pass.scope().floats(v.value().shape());
            ops.attentionBackward(out.grad(), q.value(), k.value(), v.value(), y, logSumExp, plan, headDim, scale, dq, dk, dv);
            q.accumulate(pass, dq, false);
            k.accumulate(pass, dk, false);
            v.accumulate(pass, dv, false);
        }, q, k, v);
    }

    /** silu(gate) · up. */
    public static Var swiglu(Pass pass, Var gate, Var up) {
        Tensor y = pass.scope().floats(gate.value().shape());
        pass.ops().swiglu(gate.value(), up.value(), y);
        return result(pass, y, out -> {
            Tensor dGate = pass.scope().floats(gate.value().shape());
            Tensor dUp = pass.scope().floats(up.value().shape());
            pass.ops().swigluBackward(out.grad(), gate.value(), up.value(), dGate, dUp);
            gate.accumulate(pass, dGate, false);
            up.accumulate(pass, dUp, false);
        }, gate, up);
    }

    /** gelu(x). */
    public static Var gelu(Pass pass, Var x, Gelu kind) {
        Tensor y = pass.scope().floats(x.value().shape());
        pass.ops().gelu(x.value(), kind, y);
        return result(pass, y, out -> {
            Tensor dx = pass.scope().floats(x.value().shape());
            pass.ops().geluBackward(out.grad(), x.value(), kind, dx);
            x.accumulate(pass, dx, false);
        }, x);
    }

    /**
     * Log-probabilities and entropies of the head's distribution, see {@link TensorOps#selectedLogProbs}.
     *
     * <p>To run backward, seed the gradient of {@code logProb}, and of {@code entropy} where the loss has it, with shape [T].
     *
     * @param hidden [T,D]
     * @param head [V,D]
     * @param targets int32 [T]
     */
    public static LogProbs selectedLogProbs(Pass pass, Var hidden, Var head, Tensor targets, float temperature) {
        TensorOps ops = pass.ops();
        int rows = hidden.value().rowCount();
        Tensor logProb = pass.scope().floats(rows);
        Tensor entropy = pass.scope().floats(rows);
        Tensor logSumExp = pass.scope().floats(rows);
        ops.selectedLogProbs(hidden.value(), head.value(), targets, temperature, logProb, entropy, logSumExp);
        boolean recording = pass.recording(hidden, head);
        LogProbs result = new LogProbs(Var.computed(logProb, recording), Var.computed(entropy, recording));
        if (recording) {
            pass.tape().reading(hidden, head);
            pass.tape().record(() -> {
                if (result.logProb().grad() == null) {
                    return;
                }
                Tensor dHidden = pass.scope().floats(hidden.value().shape());
                ops.selectedLogProbsBackward(hidden.value(), head.value(), targets, temperature, entropy, logSumExp,
                        result.logProb().grad(), result.entropy().grad(), dHidden, head.grad());
                hidden.accumulate(pass, dHidden, false);
            });
        }
        return result;
    }

    /**
     * Per target token.
     *
     * @param logProb natural logarithm of its probability, [T]
     * @param entropy of the whole distribution, in nats, [T]
     */
    public record LogProbs(Var logProb, Var entropy) {
    }

    private interface Backward {
        void run(Var out);
    }

    private static Var result(Pass pass, Tensor y, Backward backward, Var... inputs) {
        return result(pass, y, null, backward, inputs);
    }

    /** {@code kept} is what backward needs beside the result, or null. */
    private static Var result(Pass pass, Tensor y, Tensor kept, Backward backward, Var... inputs) {
        Var out = Var.computed(y, pass.recording(inputs));
        if (out.requiresGrad()) {
            pass.tape().reading(inputs);
            Tensor[] saved = kept == null ? new Tensor[] {y} : new Tensor[] {y, kept};
            pass.tape().record(out, () -> backward.run(out), pass.scope(), saved);
        }
        return out;
    }

    private static Tensor zeros(Pass pass, Tensor like) {
        return pass.scope().zeros(like.dtype(), like.shape());
    }
}
