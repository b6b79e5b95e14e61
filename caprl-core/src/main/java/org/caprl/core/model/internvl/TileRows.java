package org.caprl.core.model.internvl;

import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.tensor.AttentionPlan;

/**
 * Where the tiles of all images lie in the vision tower: each is its class token and then its patches, row by row.
 *
 * @param tiles      of all images
 * @param grid       rows and columns of patches in a tile
 * @param attention  each tile sees itself
 * @param positions  of each row in its tile
 * @param patches    rows that hold patches
 */
record TileRows(int tiles, int grid, AttentionPlan attention, int[] positions, int[] patches) {
    static TileRows of(List<ImageInput> images) {
        int grid = images.getFirst().gridH();
        int tiles = 0;
        for (ImageInput image : images) {
            if (image.gridH() != grid || image.gridW() != grid) {
                throw new IllegalArgumentException("tiles of " + image.gridH() + "x" + image.gridW() + " and of " + grid + "x" + grid
                        + " patches; all must be squares of one size");
            }
            tiles += image.gridT();
        }
        int count = grid * grid;
        AttentionPlan attention = new AttentionPlan();
        int[] positions = new int[tiles * (count + 1)];
        int[] patches = new int[tiles * count];
        for (int tile = 0; tile < tiles; tile++) {
            int start = tile * (count + 1);
            attention.queries(start, start + count + 1).keys(start, start + count + 1);
            for (int i = 0; i < count; i++) {
                positions[start + 1 + i] = 1 + i;
                patches[tile * count + i] = start + 1 + i;
            }
        }
        return new TileRows(tiles, grid, attention, positions, patches);
    }

    /**
     * The rows of patches in the order in which {@code merge} x {@code merge} neighbours become one row.
     *
     * @param transposed whether the merged rows lie column by column ({@code ps_version} v1)
     */
    int[] shuffled(int merge, boolean transposed) {
        int[] order = new int[patches.length];
        int side = grid / merge;
        int unit = merge * merge;
        for (int i = 0; i < order.length; i++) {
            int tile = i / (grid * grid);
            int group = i / unit % (side * side);
            int row = transposed ? group % side : group / side;
            int column = transposed ? group / side : group % side;
            int y = row * merge + i % unit / merge;
            int x = column * merge + i % merge;
            order[i] = patches[tile * grid * grid + y * grid + x];
        }
        return order;
    }
}
