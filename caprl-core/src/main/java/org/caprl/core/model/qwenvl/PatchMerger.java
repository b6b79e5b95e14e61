package org.caprl.core.model.qwenvl;

import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.GeluMlp;
import org.caprl.core.nn.Layer;

/**
 * Joins the patches of a square into one text row ({@code Qwen2_5_VLPatchMerger}, {@code Qwen3VLVisionPatchMerger}).
 *
 * @param norm of patches, or of joined squares
 * @param normsSquares whether the norm comes after joining ({@code use_postshuffle_norm})
 * @param mlp [mergeUnit·hidden] → [out]
 * @param unit patches of a square
 */
public record PatchMerger(Layer norm, boolean normsSquares, GeluMlp mlp, int unit) implements Layer {
    /** x [P, hidden] → [P / unit, out]. */
    @Override
    public Var forward(Pass pass, Var x) {
        int rows = x.value().rowCount() / unit;
        int joined = x.value().columns() * unit;
        Var squares = normsSquares ? norm.forward(pass, Fn.reshape(pass, x, rows, joined))
                : Fn.reshape(pass, norm.forward(pass, x), rows, joined);
        return mlp.forward(pass, squares);
    }
}
