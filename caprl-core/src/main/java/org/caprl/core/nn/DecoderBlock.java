package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.AttentionPlan;

/** norm, attention, add, norm, MLP, add: a pre-norm transformer block, of a text decoder or of a vision tower. */
public record DecoderBlock(Layer before, SelfAttention attention, Layer between, Layer mlp) {
    /** x [T,C] → [T,C]. */
    public Var forward(Pass pass, Var x, Rope.Table rope, AttentionPlan plan, int layer, KvCache cache) {
        Var h = Fn.add(pass, x, attention.forward(pass, before.forward(pass, x), rope, plan, layer, cache)); // [T,C]
        return Fn.add(pass, h, mlp.forward(pass, between.forward(pass, h))); // [T,C]
    }
}
