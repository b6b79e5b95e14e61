package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/**
 * y = x · weightᵀ + bias, plus a low-rank adapter's part where there is one.
 *
 * @param weight [out, in]
 * @param bias [out], or null
 * @param adapter or null
 */
public record Linear(Var weight, Var bias, LoraAdapter adapter) {
    /** A layer that has no adapter. */
    public Linear(Var weight, Var bias) {
        this(weight, bias, null);
    }

    /**
     * The layer {@code name}: {@code name.weight} and, if {@code withBias}, {@code name.bias}; with an adapter where the model's
     * {@link Adapters} say so.
     */
    public static Linear of(Params params, String name, int in, int out, boolean withBias) {
        return new Linear(params.weight(name + ".weight", out, in), withBias ? params.weight(name + ".bias", out) : null,
                params.adapter(name, in, out));
    }

    /** x [M, in] → [M, out]. */
    public Var forward(Pass pass, Var x) {
        return adapter != null && pass.adapters() ? adapter.forward(pass, x, weight, bias) : Fn.linear(pass, x, weight, bias);
    }

    /** Rows {@code from} to {@code to} of the output as a layer of its own, sharing weights and gradients. */
    public Linear outputs(int from, int to) {
        return new Linear(weight.rows(from, to), bias == null ? null : bias.rows(from, to),
                adapter == null ? null : adapter.outputs(from, to));
    }
}
