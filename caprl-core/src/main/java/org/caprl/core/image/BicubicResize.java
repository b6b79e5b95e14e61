package org.caprl.core.image;

import java.util.Arrays;

/**
 * Bicubic resize with antialiasing, equal to the byte with torchvision's {@code resize(uint8, BICUBIC, antialias=True)} on CPU.
 *
 * <p>Two passes, rows first; each weighs its inputs with 16-bit integers (cubic kernel with a = -0.5, widened when shrinking) and rounds
 * its result to 8 bits. A pass whose size does not change is left out.
 */
public final class BicubicResize {
    private static final int CHANNELS = 3;
    private static final double A = -0.5;
    private static final int MAX_PRECISION = 22;

    /**
     * The weights of one axis: output {@code i} sums {@code weights[i * taps + k] * input[first[i] + k]} for {@code k < count[i]}, shifted
     * right by {@code precision}.
     */
    private record Axis(int[] first, int[] count, int taps, short[] weights, int precision) {
    }

    private BicubicResize() {
    }

    /** The image at another size; the same object if the size is the same. */
    public static RgbImage resize(RgbImage image, int height, int width) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        byte[] pixels = image.rgb();
        if (image.width() != width) {
            pixels = alongRows(pixels, image.height(), image.width(), width, axis(image.width(), width));
        }
        if (image.height() != height) {
            pixels = alongColumns(pixels, height, width, axis(image.height(), height));
        }
        return new RgbImage(width, height, pixels);
    }

    private static Axis axis(int in, int out) {
        double scale = (double) in / out;
        double support = scale >= 1 ? 2 * scale : 2;
        double inverse = scale >= 1 ? 1 / scale : 1;
        int taps = (int) Math.ceil(support) * 2 + 1;
        int[] first = new int[out];
        int[] count = new int[out];
        double[] exact = new double[out * taps];
        double largest = 0;
        for (int i = 0; i < out; i++) {
            double center = scale * (i + 0.5);
            first[i] = Math.max((int) (center - support + 0.5), 0);
            count[i] = Math.clamp(Math.min((int) (center + support + 0.5), in) - first[i], 0, taps);
            double total = 0;
            for (int k = 0; k < count[i]; k++) {
                double weight = cubic((k + first[i] - center + 0.5) * inverse);
                exact[i * taps + k] = weight;
                total += weight;
            }
            for (int k = 0; k < count[i] && total != 0; k++) {
                exact[i * taps + k] /= total;
                largest = Math.max(largest, exact[i * taps + k]);
            }
        }
        int precision = 0;
        while (precision < MAX_PRECISION && (int) (0.5 + largest * (1 << precision + 1)) < 1 << 15) {
            precision++;
        }
        short[] weights = new short[exact.length];
        for (int i = 0; i < exact.length; i++) {
            weights[i] = (short) (exact[i] * (1 << precision) + (exact[i] < 0 ? -0.5 : 0.5));
        }
        return new Axis(first, count, taps, weights, precision);
    }

    private static double cubic(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
    }

    private static byte[] alongRows(byte[] in, int height, int inWidth, int width, Axis axis) {
        byte[] out = new byte[CHANNELS * height * width];
        int half = axis.precision > 0 ? 1 << axis.precision - 1 : 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = half;
                int green = half;
                int blue = half;
                int from = (y * inWidth + axis.first[x]) * CHANNELS;
                for (int k = 0; k < axis.count[x]; k++, from += CHANNELS) {
                    int weight = axis.weights[x * axis.taps + k];
                    red += weight * (in[from] & 0xff);
                    green += weight * (in[from + 1] & 0xff);
                    blue += weight * (in[from + 2] & 0xff);
                }
                int to = (y * width + x) * CHANNELS;
                out[to] = toByte(red >> axis.precision);
                out[to + 1] = toByte(green >> axis.precision);
                out[to + 2] = toByte(blue >> axis.precision);
            }
        }
        return out;
    }

    private static byte[] alongColumns(byte[] in, int height, int width, Axis axis) {
        int row = CHANNELS * width;
        byte[] out = new byte[height * row];
        int half = axis.precision > 0 ? 1 << axis.precision - 1 : 0;
        int[] sums = new int[row];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, half);
            for (int k = 0; k < axis.count[y]; k++) {
                int weight = axis.weights[y * axis.taps + k];
                int from = (axis.first[y] + k) * row;
                for (int x = 0; x < row; x++) {
                    sums[x] += weight * (in[from + x] & 0xff);
                }
            }
            for (int x = 0; x < row; x++) {
                out[y * row + x] = toByte(sums[x] >> axis.precision);
            }
        }
        return out;
    }

    private static byte toByte(int value) {
        return (byte) Math.clamp(value, 0, 255);
    }
}
