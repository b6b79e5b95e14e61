package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.AttentionPlan;

/**
 * Grouped-query self-attention with rotary positions ({@code Qwen2Attention}; with {@code qkv} in one matrix
 * {@code Qwen2_5_VLVisionAttention}).
 *
 * @param q query projection [heads·headDim]
 * @param k key projection [kvHeads·headDim]
 * @param v value projection [kvHeads·headDim]
 * @param o output projection
 */
public record SelfAttention(Linear q, Linear k, Linear v, Linear o, int headDim) {
    /**
     * x [T,C] → [T,C].
     *
     * @param plan who attends to whom; key rows are those of x, or of the cache when there is one
     * @param cache null when x holds every token (training, scoring)
     */
    public Var forward(Pass pass, Var x, Rope.Table rope, AttentionPlan plan, int layer, KvCache cache) {
        Var query = Fn.rotary(pass, q.forward(pass, x), rope.cos(), rope.sin());
        Var key = Fn.rotary(pass, k.forward(pass, x), rope.cos(), rope.sin());
        Var value = v.forward(pass, x);
        if (cache != null) {
            cache.append(pass, layer, key.value(), value.value());
            key = Var.constant(cache.keys(layer));
            value = Var.constant(cache.values(layer));
        }
        return o.forward(pass, Fn.attention(pass, query, key, value, plan, headDim));
    }
}
