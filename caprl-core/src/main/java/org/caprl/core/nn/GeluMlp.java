package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.Gelu;

/** second(gelu(first(x))) ({@code Qwen3VLVisionMLP}, {@code InternVLVisionMLP}, and the mergers of vision towers). */
public record GeluMlp(Linear first, Linear second, Gelu kind) implements Layer {
    /** Layers of these names with biases, in → inner → out. */
    public static GeluMlp of(Params params, String first, String second, int in, int inner, int out, Gelu kind) {
        return new GeluMlp(Linear.of(params, first, in, inner, true), Linear.of(params, second, inner, out, true), kind);
    }

    /** x [M, in] → [M, out]. */
    @Override
    public Var forward(Pass pass, Var x) {
        return second.forward(pass, Fn.gelu(pass, first.forward(pass, x), kind));
    }
}
