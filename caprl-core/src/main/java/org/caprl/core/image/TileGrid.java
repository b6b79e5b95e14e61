package org.caprl.core.image;

/**
 * Into how many tiles an image is cut ({@code get_optimal_tiled_canvas} of transformers' {@code GotOcr2ImageProcessor}).
 *
 * @param columns of tiles
 * @param rows    of tiles
 */
public record TileGrid(int columns, int rows) {
    /** Tiles. */
    public int tiles() {
        return columns * rows;
    }

    /**
     * The grid of {@code least} to {@code most} tiles whose aspect ratio is nearest to the image's. Of grids that are equally near the
     * last wins, in the order of tiles and then of columns, whose tiles have less than twice the image's pixels; else the first.
     *
     * @param side of a tile in pixels
     */
    public static TileGrid of(int height, int width, int side, int least, int most) {
        double ratio = (double) width / height;
        double area = (double) width * height;
        double nearest = Double.POSITIVE_INFINITY;
        TileGrid best = new TileGrid(1, 1);
        for (int tiles = least; tiles <= most; tiles++) {
            for (int columns = 1; columns <= tiles; columns++) {
                if (tiles % columns != 0) {
                    continue;
                }
                TileGrid grid = new TileGrid(columns, tiles / columns);
                double distance = Math.abs(ratio - (double) grid.columns / grid.rows);
                if (distance < nearest || distance == nearest && area > 0.5 * side * side * tiles) {
                    nearest = distance;
                    best = grid;
                }
            }
        }
        return best;
    }
}
