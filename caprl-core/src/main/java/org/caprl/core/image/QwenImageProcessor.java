package org.caprl.core.image;

import java.nio.file.Path;

/**
 * transformers' {@code Qwen2VLImageProcessor} with its default backend (torchvision), for the Qwen2-VL, Qwen2.5-VL and Qwen3-VL families.
 * Patches come in groups of merge x merge neighbours.
 */
public final class QwenImageProcessor implements ImageProcessor {
    private final QwenImageSettings settings;
    private final PatchCutter cutter;

    /** A processor with these numbers. */
    public QwenImageProcessor(QwenImageSettings settings) {
        this.settings = settings;
        this.cutter = new PatchCutter(settings.patchSize(), settings.temporalPatchSize(), settings.normalization());
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

    /** {@inheritDoc} The same lying or standing. */
    @Override
    public int tokens(SmartResize.Size size) {
        SmartResize.Size resized = resized(size.height(), size.width());
        int block = settings.patchSize() * settings.mergeSize();
        return resized.height() / block * (resized.width() / block);
    }

    @Override
    public ImagePatches process(RgbImage image) {
        return patches(resize(image));
    }

    /** Normalises and cuts an image whose sides are already multiples of patch size x merge size. */
    public ImagePatches patches(RgbImage resized) {
        int side = settings.patchSize();
        int merge = settings.mergeSize();
        int block = side * merge;
        if (resized.height() % block != 0 || resized.width() % block != 0) {
            throw new IllegalArgumentException(resized.width() + "x" + resized.height() + " is not a multiple of " + block);
        }
        int gridH = resized.height() / side;
        int gridW = resized.width() / side;
        float[] pixels = new float[gridH * gridW * cutter.length()];
        int to = 0;
        for (int blockY = 0; blockY < resized.height(); blockY += block) {
            for (int blockX = 0; blockX < resized.width(); blockX += block) {
                for (int y = blockY; y < blockY + block; y += side) {
                    for (int x = blockX; x < blockX + block; x += side) {
                        to = cutter.cut(resized, y, x, pixels, to);
                    }
                }
            }
        }
        return new ImagePatches(pixels, 1, gridH, gridW, cutter.length(), gridH * gridW / (merge * merge));
    }

    @Override
    public Normalization normalization() {
        return settings.normalization();
    }
}
