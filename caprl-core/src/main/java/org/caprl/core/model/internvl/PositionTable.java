package org.caprl.core.model.internvl;

/**
 * Position embeddings for another grid of patches than they were learned for: bicubic interpolation as PyTorch's {@code interpolate}
 * does it without aligned corners ({@code InternVLVisionEmbeddings.interpolate_pos_encoding}). The class token's row stays.
 */
final class PositionTable {
    private static final float A = -0.75f;
    private static final int TAPS = 4;

    private PositionTable() {
    }

    /** Weights {@code [1 + height·width, 1 + grid·grid]}: each row of the new table as a sum of rows of the learned one. */
    static float[] weights(int grid, int height, int width) {
        int columns = 1 + grid * grid;
        float[] weights = new float[(1 + height * width) * columns];
        weights[0] = 1;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int row = (1 + y * width + x) * columns + 1;
                for (int tap = 0; tap < TAPS * TAPS; tap++) {
                    int fromY = source(y, grid, height, tap / TAPS);
                    int fromX = source(x, grid, width, tap % TAPS);
                    weights[row + fromY * grid + fromX] += weight(y, grid, height, tap / TAPS) * weight(x, grid, width, tap % TAPS);
                }
            }
        }
        return weights;
    }

    private static float centre(int i, int from, int to) {
        return (float) from / to * (i + 0.5f) - 0.5f;
    }

    /** Where a tap reads; at the edges the outermost place again. */
    private static int source(int i, int from, int to, int tap) {
        return Math.clamp((int) Math.floor(centre(i, from, to)) - 1 + tap, 0, from - 1);
    }

    private static float weight(int i, int from, int to, int tap) {
        float centre = centre(i, from, to);
        float t = centre - (float) Math.floor(centre);
        return switch (tap) {
            case 0 -> far(t + 1);
            case 1 -> near(t);
            case 2 -> near(1 - t);
            default -> far(2 - t);
        };
    }

    private static float near(float d) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
    }

    private static float far(float d) {
        return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    }
}
