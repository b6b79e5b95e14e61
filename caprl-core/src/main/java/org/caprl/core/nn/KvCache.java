package org.caprl.core.nn;

import org.caprl.core.autograd.Pass;
import org.caprl.core.tensor.Tensor;

/**
 * Keys and values of earlier tokens, layer by layer. A forward pass over new tokens appends its own and then attends to all rows that
 * the attention plan names; the plan's key rows are rows of {@link #keys}.
 */
public interface KvCache {
    /** Keeps the new rows of one layer: k and v [T, kvHeads·headDim], after rotary. Where they go was fixed before the pass. */
    void append(Pass pass, int layer, Tensor k, Tensor v);

    /** All key rows of a layer, [rows, kvHeads·headDim]. */
    Tensor keys(int layer);

    /** All value rows of a layer, [rows, kvHeads·headDim]. */
    Tensor values(int layer);
}
