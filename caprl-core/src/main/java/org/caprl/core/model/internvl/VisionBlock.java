package org.caprl.core.model.internvl;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.Layer;
import org.caprl.core.nn.SelfAttention;
import org.caprl.core.tensor.AttentionPlan;

/**
 * norm, attention, scale, add, norm, MLP, scale, add ({@code InternVLVisionLayer}).
 *
 * @param attended    scale of each column that attention adds, [hidden]
 * @param transformed scale of each column that the MLP adds, [hidden]
 */
record VisionBlock(Layer before, SelfAttention attention, Var attended, Layer between, Layer mlp, Var transformed) {
    /** x [T,C] → [T,C]. */
    Var forward(Pass pass, Var x, AttentionPlan plan) {
        Var a = attention.forward(pass, before.forward(pass, x), plan); // [T,C]
        Var h = Fn.add(pass, Fn.scaleColumns(pass, a, attended), x);
        return Fn.add(pass, Fn.scaleColumns(pass, mlp.forward(pass, between.forward(pass, h)), transformed), h);
    }
}
