package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.AttentionPlan;

/**
 * Grouped-query self-attention with rotary positions ({@code Qwen2Attention}; with norms {@code Qwen3Attention}; with {@code qkv} in one
 * matrix {@code Qwen2_5_VLVisionAttention}).
 *
 * @param q query projection [heads·headDim]
 * @param k key projection [kvHeads·headDim]
 * @param v value projection [kvHeads·headDim]
 * @param o output projection
 * @param norms of queries and keys, before rotary; null for none
 */
public record SelfAttention(Linear q, Linear k, Linear v, Linear o, QkNorms norms, int headDim) {
    /** Attention without norms of queries and keys. */
    public SelfAttention(Linear q, Linear k, Linear v, Linear o, int headDim) {
        this(q, k, v, o, null, headDim);
    }

    /**
     * Attention of a vision tower, as wide as its input, with query, key and value projections in one matrix and biases everywhere.
     *
     * @param qkv name of the projections [3·width, width]
     * @param out name of the output projection
     */
    public static SelfAttention fused(Params params, String qkv, String out, int width, int headDim) {
        Linear all = Linear.of(params, qkv, width, 3 * width, true);
        return new SelfAttention(all.outputs(0, width), all.outputs(width, 2 * width), all.outputs(2 * width, 3 * width),
                Linear.of(params, out, width, width, true), headDim);
    }

    /** Attention among the rows of x [T,C] without rotary or cache, as in a vision tower → [T,C]. */
    public Var forward(Pass pass, Var x, AttentionPlan plan) {
        return forward(pass, x, x, null, null, plan, 0, null);
    }

    /**
     * Attention of rows xq [R,C] to rows x [T,C], mostly the same → [R,C].
     *
     * @param ropeQ angles of the rows of xq; null for none
     * @param rope angles of the rows of x; null for none
     * @param plan who attends to whom; key rows are those of x, or of the cache when there is one
     * @param cache null when x holds every token (training, scoring)
     */
    public Var forward(Pass pass, Var xq, Var x, Rope.Table ropeQ, Rope.Table rope, AttentionPlan plan, int layer, KvCache cache) {
        Var query = q.forward(pass, xq);
        Var key = k.forward(pass, x);
        Var value = v.forward(pass, x);
        if (norms != null) {
            query = norms.query().forward(pass, query);
            key = norms.key().forward(pass, key);
        }
        if (rope != null) {
            query = Fn.rotary(pass, query, ropeQ.cos(), ropeQ.sin());
            key = Fn.rotary(pass, key, rope.cos(), rope.sin());
        }
        if (cache != null) {
            cache.append(pass, layer, key.value(), value.value());
            key = Var.constant(cache.keys(layer));
            value = Var.constant(cache.values(layer));
        }
        return o.forward(pass, Fn.attention(pass, query, key, value, plan, headDim));
    }

    /** Norms of queries and keys. */
    public record QkNorms(Layer query, Layer key) {
    }
}
