package org.caprl.core.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.caprl.core.InputException;

/**
 * Numbers of an InternVL checkpoint's image processing.
 *
 * @param tiling        how an image is cut into tiles
 * @param patchSize     side of a patch in pixels
 * @param mergeSize     side of the square of patches that becomes one token
 * @param normalization of the values
 */
public record InternVlImageSettings(Tiling tiling, int patchSize, int mergeSize, Normalization normalization) {
    private static final int MOST_TILES = 12;

    /**
     * How an image is cut into tiles.
     *
     * @param side      of a tile in pixels
     * @param least     tiles
     * @param most      tiles, the thumbnail not counted
     * @param thumbnail whether an image of several tiles has itself, as one more tile, after them
     */
    public record Tiling(int side, int least, int most, boolean thumbnail) {
    }

    /** @throws InputException if a tile is not whole squares of patches, or no number of tiles is allowed */
    public InternVlImageSettings {
        if (tiling.side / patchSize < 1 || tiling.side / patchSize % mergeSize != 0) {
            throw new InputException("a tile of " + tiling.side + " pixels has " + tiling.side / patchSize + " patches of " + patchSize
                    + " pixels in a row, which is no multiple of " + mergeSize
                    + "; check size, and in config.json patch_size and downsample_ratio");
        }
        if (tiling.least > tiling.most) {
            throw new InputException("the least number of tiles is " + tiling.least + ", the largest " + tiling.most);
        }
    }

    /** Rows of patches in a tile. */
    public int grid() {
        return tiling.side / patchSize;
    }

    /** Tokens that the language model sees of a tile. */
    public int tileTokens() {
        return grid() / mergeSize * (grid() / mergeSize);
    }

    /**
     * Reads the {@code GotOcr2ImageProcessor} of a checkpoint folder; keys left out have the class's defaults. Images are always cut into
     * tiles and have a thumbnail, whatever {@code crop_to_patches} says, since {@code InternVLProcessor} asks for it.
     *
     * @throws InputException if the file is missing or asks for something else
     */
    public static InternVlImageSettings load(Path folder, int patchSize, int mergeSize) {
        return read(PreprocessorFile.find(folder), patchSize, mergeSize, null);
    }

    /**
     * Reads a checkpoint folder of the original {@code InternVLChatModel}, whose preprocessor_config.json is that of a
     * {@code CLIPImageProcessor}: of it mean and std count. Where it is a {@code GotOcr2ImageProcessor} all of it does, as in
     * {@link #load(Path, int, int)}.
     *
     * <p>The code that comes with those folders resizes with Pillow; this is torchvision's resize, as in transformers. The two differ by
     * one level in few pixels.
     *
     * @param tiling as config.json has it
     * @throws InputException if the file is missing or asks for something else
     */
    public static InternVlImageSettings load(Path folder, int patchSize, int mergeSize, Tiling tiling) {
        return read(PreprocessorFile.find(folder), patchSize, mergeSize, tiling);
    }

    /** {@link #load(Path, int, int)}; in a folder without the file, the class's defaults for tiles of {@code side} pixels. */
    public static InternVlImageSettings loadOrDefault(Path folder, int patchSize, int mergeSize, int side) {
        return PreprocessorFile.isIn(folder) ? load(folder, patchSize, mergeSize)
                : read(PreprocessorFile.EMPTY, patchSize, mergeSize, new Tiling(side, 1, MOST_TILES, true));
    }

    /** {@link #load(Path, int, int, Tiling)}; in a folder without the file, CLIP's mean and deviation. */
    public static InternVlImageSettings loadOrDefault(Path folder, int patchSize, int mergeSize, Tiling tiling) {
        return PreprocessorFile.isIn(folder) ? load(folder, patchSize, mergeSize, tiling)
                : read(PreprocessorFile.EMPTY, patchSize, mergeSize, tiling);
    }

    private static InternVlImageSettings read(PreprocessorFile file, int patchSize, int mergeSize, Tiling chat) {
        String type = file.type();
        boolean clip = chat != null && (type.isEmpty() || type.startsWith("CLIP"));
        if (!clip && !type.isEmpty() && (!type.startsWith("GotOcr2") || type.endsWith("Pil"))) {
            throw file.wrongType(chat == null ? "GotOcr2ImageProcessor" : "CLIPImageProcessor or GotOcr2ImageProcessor");
        }
        file.requireUsualSteps();
        Tiling tiling = clip ? chat : new Tiling(side(file), file.integer("min_patches", 1), file.integer("max_patches", MOST_TILES), true);
        try {
            return new InternVlImageSettings(tiling, patchSize, mergeSize, file.normalization());
        } catch (InputException e) {
            throw new InputException(file.where() + ": " + e.getMessage(), e);
        }
    }

    private static int side(PreprocessorFile file) {
        JsonNode size = file.node().path("size");
        int height = file.integer(size.path("height"), "size.height", 384);
        int width = file.integer(size.path("width"), "size.width", 384);
        if (height != width) {
            throw new InputException(file.where() + ": size is " + width + "x" + height + ", but InternVL's tiles are square");
        }
        return height;
    }
}
