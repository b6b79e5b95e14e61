package org.caprl.core.image;

import java.nio.file.Path;

/**
 * transformers' {@code Qwen2VLImageProcessor} with its default backend (torchvision), for the Qwen2-VL, Qwen2.5-VL and Qwen3-VL families.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class QwenImageProcessor {
    private static final int CHANNELS = 3;

    private final QwenImageSettings settings;

    /** A processor with these numbers. */
    public QwenImageProcessor(QwenImageSettings settings) {
        this.settings = settings;
    }

    /** The processor of a checkpoint folder; see {@link QwenImageSettings#load}. */
    public static QwenImageProcessor load(Path folder) {
        return new QwenImageProcessor(QwenImageSettings.load(folder));
    }

    /** The numbers of this processor. */
    public QwenImageSettings settings() {
        return settings;
    }

    /** The image at the size that the vision tower reads. */
    public RgbImage resize(RgbImage image) {
        SmartResize.Size size = resized(image.height(), image.width());
        return BicubicResize.resize(image, size.height(), size.width());
    }

    private SmartResize.Size resized(int height, int width) {
        return SmartResize.of(height, width, settings.patchSize() * settings.mergeSize(), settings.minPixels(), settings.maxPixels());
    }

    /** Tokens that the language model sees of an image of this size, lying or standing. */
    public int tokens(SmartResize.Size size) {
        SmartResize.Size resized = resized(size.height(), size.width());
        int block = settings.patchSize() * settings.mergeSize();
        return resized.height() / block * (resized.width() / block);
    }

    /** Resizes, normalises and cuts an image. */
    public ImagePatches process(RgbImage image) {
        return patches(resize(image));
    }

    /** Normalises and cuts an image whose sides are already multiples of patch size x merge size. */
    public ImagePatches patches(RgbImage resized) {
        int side = settings.patchSize();
        int merge = settings.mergeSize();
        int frames = settings.temporalPatchSize();
        int block = side * merge;
        if (resized.height() % block != 0 || resized.width() % block != 0) {
            throw new IllegalArgumentException(resized.width() + "x" + resized.height() + " is not a multiple of " + block);
        }
        int gridH = resized.height() / side;
        int gridW = resized.width() / side;
        int patchLength = CHANNELS * frames * side * side;
        float[][] normalised = normalised();
        float[] pixels = new float[gridH * gridW * patchLength];
        int to = 0;
        for (int blockY = 0; blockY < resized.height(); blockY += block) {
            for (int blockX = 0; blockX < resized.width(); blockX += block) {
                for (int y = blockY; y < blockY + block; y += side) {
                    for (int x = blockX; x < blockX + block; x += side) {
                        cut(resized, y, x, normalised, pixels, to);
                        to += patchLength;
                    }
                }
            }
        }
        return new ImagePatches(pixels, 1, gridH, gridW, patchLength);
    }

    private void cut(RgbImage image, int top, int left, float[][] normalised, float[] pixels, int start) {
        int side = settings.patchSize();
        int to = start;
        for (int channel = 0; channel < CHANNELS; channel++) {
            int frame = to;
            for (int y = top; y < top + side; y++) {
                int from = (y * image.width() + left) * CHANNELS + channel;
                for (int x = 0; x < side; x++, from += CHANNELS) {
                    pixels[to++] = normalised[channel][image.rgb()[from] & 0xff];
                }
            }
            for (int copy = 1; copy < settings.temporalPatchSize(); copy++) {
                System.arraycopy(pixels, frame, pixels, to, side * side);
                to += side * side;
            }
        }
    }

    /** {@code [channel][byte]}: (byte - 255 mean) / (255 std) in float32; transformers fuses rescaling and normalisation so. */
    private float[][] normalised() {
        float[][] table = new float[CHANNELS][256];
        float unit = (float) (1 / settings.rescaleFactor());
        for (int channel = 0; channel < CHANNELS; channel++) {
            float mean = settings.mean().get(channel).floatValue() * unit;
            float std = settings.std().get(channel).floatValue() * unit;
            for (int value = 0; value < 256; value++) {
                table[channel][value] = (value - mean) / std;
            }
        }
        return table;
    }
}
