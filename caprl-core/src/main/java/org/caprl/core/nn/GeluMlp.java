package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.Gelu;

/** second(gelu(first(x))) ({@code Qwen3VLVisionMLP}, {@code InternVLVisionMLP}, and the mergers of vision towers). */
public record GeluMlp(Linear first, Linear second, Gelu kind) implements Layer {
    /** x [M, in] → [M, out]. */
    @Override
    public Var forward(Pass pass, Var x) {
        return second.forward(pass, Fn.gelu(pass, first.forward(pass, x), kind));
    }
}
