package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/** down(silu(gate(x)) · up(x)) ({@code Qwen2MLP}, {@code Qwen2_5_VLMLP}). */
public record SwiGluMlp(Linear gate, Linear up, Linear down) implements Layer {
    /** {@code name.gate_proj}, {@code name.up_proj}, {@code name.down_proj}. */
    public static SwiGluMlp of(Params params, String name, int width, int inner, boolean bias) {
        return new SwiGluMlp(Linear.of(params, name + ".gate_proj", width, inner, bias),
                Linear.of(params, name + ".up_proj", width, inner, bias),
                Linear.of(params, name + ".down_proj", inner, width, bias));
    }

    /** x [M,C] → [M,C]. */
    @Override
    public Var forward(Pass pass, Var x) {
        return down.forward(pass, Fn.swiglu(pass, gate.forward(pass, x), up.forward(pass, x)));
    }
}
