package org.caprl.core.nn;

import org.caprl.core.autograd.Dropout;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.random.CounterRandom;

/**
 * The low-rank part of a linear layer: scaling · B · A.
 *
 * @param a [r, in]
 * @param b [out, r]
 * @param scaling factor
 * @param dropout share of the inputs that is dropped in training
 * @param key of this layer's masks
 */
public record LoraAdapter(Var a, Var b, float scaling, float dropout, long key) {
    /** x [M, in] → weight · x + bias + scaling · B · A · x, [M, out]. */
    Var forward(Pass pass, Var x, Var weight, Var bias) {
        return Fn.adaptedLinear(pass, x, weight, bias, a, b, scaling, mask(pass.dropout(), x.value().rowCount()));
    }

    private Fn.Mask mask(Dropout rows, int count) {
        return rows == null || dropout == 0 ? null : rows.mask(CounterRandom.with(rows.key(), key), count, dropout);
    }

    /** Of rows {@code from} to {@code to} of the output, sharing weights, gradients and masks. */
    LoraAdapter outputs(int from, int to) {
        return new LoraAdapter(a, b.rows(from, to), scaling, dropout, key);
    }
}
