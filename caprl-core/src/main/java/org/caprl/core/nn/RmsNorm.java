package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/** Root-mean-square norm ({@code Qwen2RMSNorm}); weight [C]. */
public record RmsNorm(Var weight, float epsilon) implements Layer {
    /** The norm {@code name} over rows of {@code width}. */
    public static RmsNorm of(Params params, String name, int width, float epsilon) {
        return new RmsNorm(params.weight(name + ".weight", width), epsilon);
    }

    /** x [M,C] → [M,C]. */
    @Override
    public Var forward(Pass pass, Var x) {
        return Fn.rmsNorm(pass, x, weight, epsilon);
    }
}
