package org.caprl.core.model;

import java.util.Random;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.internvl.InternVl;

/** Images of random pixels for the small checkpoints of each family. */
public final class RandomImage {
    private static final int CHANNEL = 14 * 14;
    private static final int TILE_ROWS = 4;

    private RandomImage() {
    }

    /** An image of about this grid of patches; where a family sees tiles, of as many as have about as many patches. */
    public static ImageInput of(CausalLm model, int gridH, int gridW, Random random) {
        if (model.family().equals(InternVl.FAMILY)) {
            int tiles = Math.max(1, gridH * gridW / (TILE_ROWS * TILE_ROWS));
            return new ImageInput(pixels(tiles * TILE_ROWS * TILE_ROWS * 3 * CHANNEL, random), tiles, TILE_ROWS, TILE_ROWS);
        }
        return new ImageInput(pixels(gridH * gridW * 2 * 3 * CHANNEL, random), 1, gridH, gridW);
    }

    /** Tokens of an image of these patches. */
    public static int tokens(ImageInput image) {
        return image.patches() / 4;
    }

    private static float[] pixels(int count, Random random) {
        float[] pixels = new float[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return pixels;
    }
}
