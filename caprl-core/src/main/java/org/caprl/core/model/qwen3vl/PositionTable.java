package org.caprl.core.model.qwen3vl;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.qwenvl.PatchGrid;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/**
 * Learned embeddings of a square grid of positions, interpolated to each image's grid.
 *
 * <p>The interpolation is a product with a matrix [patches, positions] of which four entries of a row are not 0: next to the tower's blocks
 * it costs nothing.
 */
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
        int taps = Interpolation.TAPS;
        pass.observe("vision.interp_w", Var.constant(pass.scope().floatsOf(of.weights(), patches, taps)));
        Tensor mixture = pass.scope().floats(patches, table.value().rowCount());
        mixture.write(elements -> {
            elements.fill((byte) 0);
            for (int i = 0; i < patches * taps; i++) {
                long at = (long) (i / taps) * table.value().rowCount() + of.positions()[i];
                // Taps may fall together, at the border of the table.
                float sum = elements.getAtIndex(ValueLayout.JAVA_FLOAT, at) + of.weights()[i];
                elements.setAtIndex(ValueLayout.JAVA_FLOAT, at, sum);
            }
        });
        return Fn.mixRows(pass, mixture, table);
    }
}
