package org.caprl.core.nn;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/**
 * A root-mean-square norm of each head by itself ({@code q_norm} and {@code k_norm} of {@code Qwen3Attention}).
 *
 * @param norm over the columns of one head, weight [headDim]
 */
public record HeadNorm(RmsNorm norm) implements Layer {
    /** The norm {@code name} over heads of {@code headDim} columns. */
    public static HeadNorm of(Params params, String name, int headDim, float epsilon) {
        return new HeadNorm(RmsNorm.of(params, name, headDim, epsilon));
    }

    /** x [T, heads·headDim] → the same shape. */
    @Override
    public Var forward(Pass pass, Var x) {
        int[] shape = x.value().shape();
        int headDim = norm.weight().value().dim(0);
        Var heads = Fn.reshape(pass, x, shape[0] * (shape[1] / headDim), headDim); // [T·heads, headDim]
        return Fn.reshape(pass, norm.forward(pass, heads), shape);
    }
}
