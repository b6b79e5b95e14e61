package org.caprl.core.model.qwen3vl;

import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.qwenvl.PatchGrid;
import org.caprl.core.nn.Params;

/** Learned embeddings of a square grid of positions, interpolated to each image's grid. */
final class PositionTable {
    private final Var table;
    private final int side;

    PositionTable(Params params, String name, int positions, int width) {
        this.table = params.weight(name + ".weight", positions, width);
        this.side = (int) Math.sqrt(positions);
    }

    /** Embeddings of the patches of these images, [P, width]. */
    Var forward(Pass pass, List<ImageInput> images, PatchGrid grid) {
        Interpolation of = Interpolation.of(images, grid, side);
        int patches = grid.rows().length;
        pass.observe("vision.interp_w", Var.constant(pass.scope().floatsOf(of.weights(), patches, Interpolation.TAPS)));
        Var sum = null;
        for (int tap = 0; tap < Interpolation.TAPS; tap++) {
            Var entries = Fn.embedding(pass, table, pass.scope().ints(of.positionsOf(tap)), -1); // [P, width]
            Var weighted = Fn.scaleRows(pass, entries, pass.scope().floatsOf(of.weightsOf(tap), patches, 1));
            sum = sum == null ? weighted : Fn.add(pass, sum, weighted);
        }
        pass.observe("vision.pos_embed_interp", sum);
        return sum;
    }
}
