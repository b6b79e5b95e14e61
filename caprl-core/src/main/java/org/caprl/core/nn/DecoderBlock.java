package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;

/** norm, attention, add, norm, MLP, add: a pre-norm transformer block, of a text decoder or of a vision tower. */
public record DecoderBlock(Layer before, SelfAttention attention, Layer between, Layer mlp) {
    /** x [T,C] → [T,C]. */
    public Var forward(Pass pass, Var x, Rope.Table rope, AttentionPlan plan, int layer, KvCache cache) {
        Var n = before.forward(pass, x); // [T,C]
        return rest(pass, x, attention.forward(pass, n, n, rope, rope, plan, layer, cache));
    }

    /** x [T,C] → [R,C], the wanted rows of what the block gives; of the others only keys and values are computed. */
    public Var forward(Pass pass, Var x, Rope.Table rope, Rows wanted, int layer, KvCache cache) {
        Var n = before.forward(pass, x); // [T,C]
        Var queries = Fn.gatherRows(pass, n, wanted.index()); // [R,C]
        Rope.Table angles = rope == null ? null : rope.rows(pass, wanted.index());
        Pass some = pass.overRows(wanted.index());
        Var attended = attention.forward(some, queries, n, angles, rope, wanted.plan(), layer, cache);
        return rest(some, Fn.gatherRows(pass, x, wanted.index()), attended);
    }

    private Var rest(Pass pass, Var x, Var attended) {
        Var h = Fn.add(pass, x, attended);
        return Fn.add(pass, h, mlp.forward(pass, between.forward(pass, h)));
    }

    /**
     * Rows of a block's result that somebody reads.
     *
     * @param index int32 [R], rising
     * @param plan what they attend to: query rows 0 to R
     */
    public record Rows(Tensor index, AttentionPlan plan) {
    }
}
