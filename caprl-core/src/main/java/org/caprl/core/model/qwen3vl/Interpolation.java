package org.caprl.core.model.qwen3vl;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.qwenvl.PatchGrid;

/**
 * Bilinear interpolation of a square table of positions to the grids of images, corners on corners
 * ({@code get_vision_interpolation_indices_and_weights} with {@code align_corners}).
 *
 * @param positions [patches, 4]: entries of the table, row-major
 * @param weights [patches, 4] of these entries; their sum is 1
 */
record Interpolation(int[] positions, float[] weights) {
    /** Entries of the table for a patch: two rows by two columns. */
    static final int TAPS = 4;

    /** For every patch, by its place in its image's grid; {@code side} is that of the table. */
    static Interpolation of(List<ImageInput> images, PatchGrid grid, int side) {
        int patches = grid.rows().length;
        Interpolation all = new Interpolation(new int[patches * TAPS], new float[patches * TAPS]);
        int patch = 0;
        for (ImageInput image : images) {
            for (int end = patch + image.patches(); patch < end; patch++) {
                all.set(patch, place(grid.rows()[patch], image.gridH(), side), place(grid.columns()[patch], image.gridW(), side), side);
            }
        }
        return all;
    }

    /** Where an index on an axis of {@code size} places lies in the table, in float32 as PyTorch computes it. */
    private static float place(int index, int size, int side) {
        return (float) index * (side - 1) / Math.max(size - 1, 1);
    }

    /** What one tap takes for each patch. */
    int[] positionsOf(int tap) {
        int[] of = new int[positions.length / TAPS];
        Arrays.setAll(of, i -> positions[i * TAPS + tap]);
        return of;
    }

    /** The weight of one tap for each patch. */
    float[] weightsOf(int tap) {
        float[] of = new float[weights.length / TAPS];
        for (int i = 0; i < of.length; i++) {
            of[i] = weights[i * TAPS + tap];
        }
        return of;
    }

    private void set(int patch, float row, float column, int side) {
        for (int tap = 0; tap < TAPS; tap++) {
            int r = (int) row + tap / 2;
            int c = (int) column + tap % 2;
            positions[patch * TAPS + tap] = Math.min(r, side - 1) * side + Math.min(c, side - 1);
            weights[patch * TAPS + tap] = (1f - Math.abs(row - r)) * (1f - Math.abs(column - c));
        }
    }
}
