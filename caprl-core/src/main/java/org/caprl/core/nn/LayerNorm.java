package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/** Layer norm ({@code torch.nn.LayerNorm}); weight and bias [C]. */
public record LayerNorm(Var weight, Var bias, float epsilon) implements Layer {
    /** The norm {@code name} over rows of {@code width}. */
    public static LayerNorm of(Params params, String name, int width, float epsilon) {
        return new LayerNorm(params.weight(name + ".weight", width), params.weight(name + ".bias", width), epsilon);
    }

    /** x [M,C] → [M,C]. */
    @Override
    public Var forward(Pass pass, Var x) {
        return Fn.layerNorm(pass, x, weight, bias, epsilon);
    }
}
