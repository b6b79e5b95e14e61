package org.caprl.core.parity;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm.ImageInput;

/** Golden pixel values in tiles, {@code [tiles, channels, side, side]}: which tiles are of one image is told by the ids alone. */
final class GoldenTiles {
    private GoldenTiles() {
    }

    /**
     * The images of all prompts in order, their tiles cut into patches, row by row.
     *
     * @param prompts    ids; a run of {@code imageToken} is one image
     * @param patchSize side of a patch in pixels
     */
    static List<ImageInput> read(SafeTensorsFile file, String name, List<int[]> prompts, int imageToken, int patchSize) {
        float[] pixels = file.floats(name);
        long[] shape = file.info(name).shape();
        int channels = (int) shape[1];
        int side = (int) shape[2];
        int grid = side / patchSize;
        List<Integer> runs = runs(prompts, imageToken);
        int tileTokens = Math.max(1, runs.stream().mapToInt(Integer::intValue).sum() / (int) shape[0]);
        List<ImageInput> images = new ArrayList<>();
        int at = 0;
        for (int run : runs) {
            int tiles = run / tileTokens;
            float[] patches = new float[tiles * grid * grid * channels * patchSize * patchSize];
            for (int tile = 0; tile < tiles; tile++, at += channels * side * side) {
                cut(pixels, at, channels, side, patchSize, patches, tile * (patches.length / tiles));
            }
            images.add(new ImageInput(patches, tiles, grid, grid));
        }
        return images;
    }

    private static List<Integer> runs(List<int[]> prompts, int token) {
        List<Integer> runs = new ArrayList<>();
        for (int[] ids : prompts) {
            for (int i = 0, length = 0; i < ids.length; i++) {
                length = ids[i] == token ? length + 1 : 0;
                if (length > 0 && (i + 1 == ids.length || ids[i + 1] != token)) {
                    runs.add(length);
                }
            }
        }
        return runs;
    }

    private static void cut(float[] tiles, int tile, int channels, int side, int patchSize, float[] patches, int start) {
        int grid = side / patchSize;
        int to = start;
        for (int patch = 0; patch < grid * grid; patch++) {
            for (int channel = 0; channel < channels; channel++) {
                for (int y = 0; y < patchSize; y++, to += patchSize) {
                    int row = patch / grid * patchSize + y;
                    System.arraycopy(tiles, tile + (channel * side + row) * side + patch % grid * patchSize, patches, to, patchSize);
                }
            }
        }
    }
}
