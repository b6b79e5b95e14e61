package org.caprl.core.image;

/**
 * transformers' {@code GotOcr2ImageProcessor} with its default backend (torchvision), as {@code InternVLProcessor} calls it: an image is
 * cut into tiles of one size, row by row, and an image of several tiles is followed by itself as one more tile. Patches of a tile lie row
 * by row.
 */
public final class InternVlImageProcessor implements ImageProcessor {
    private final InternVlImageSettings settings;
    private final PatchCutter cutter;

    /** A processor with these numbers. */
    public InternVlImageProcessor(InternVlImageSettings settings) {
        this.settings = settings;
        this.cutter = new PatchCutter(settings.patchSize(), 1, settings.normalization());
    }

    /** The numbers of this processor. */
    public InternVlImageSettings settings() {
        return settings;
    }

    @Override
    public Normalization normalization() {
        return settings.normalization();
    }

    @Override
    public int tokens(SmartResize.Size size) {
        TileGrid grid = grid(size.height(), size.width());
        return (grid.tiles() + (hasThumbnail(grid) ? 1 : 0)) * settings.tileTokens();
    }

    private TileGrid grid(int height, int width) {
        InternVlImageSettings.Tiling tiling = settings.tiling();
        return TileGrid.of(height, width, tiling.side(), tiling.least(), tiling.most());
    }

    private boolean hasThumbnail(TileGrid grid) {
        return settings.tiling().thumbnail() && grid.tiles() > 1;
    }

    @Override
    public ImagePatches process(RgbImage image) {
        TileGrid grid = grid(image.height(), image.width());
        int side = settings.tiling().side();
        int tiles = grid.tiles() + (hasThumbnail(grid) ? 1 : 0);
        int patches = settings.grid();
        float[] pixels = new float[tiles * patches * patches * cutter.length()];
        RgbImage whole = BicubicResize.resize(image, grid.rows() * side, grid.columns() * side);
        int to = 0;
        for (int row = 0; row < grid.rows(); row++) {
            for (int column = 0; column < grid.columns(); column++) {
                to = cutTile(whole, row * side, column * side, pixels, to);
            }
        }
        if (hasThumbnail(grid)) {
            cutTile(BicubicResize.resize(image, side, side), 0, 0, pixels, to);
        }
        return new ImagePatches(pixels, tiles, patches, patches, cutter.length(), tiles * settings.tileTokens());
    }

    private int cutTile(RgbImage image, int top, int left, float[] pixels, int start) {
        int side = settings.patchSize();
        int to = start;
        for (int y = 0; y < settings.grid(); y++) {
            for (int x = 0; x < settings.grid(); x++) {
                to = cutter.cut(image, top + y * side, left + x * side, pixels, to);
            }
        }
        return to;
    }
}
