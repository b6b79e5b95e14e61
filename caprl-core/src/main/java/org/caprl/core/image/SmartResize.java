package org.caprl.core.image;

import org.caprl.core.InputException;

/** {@code smart_resize} of transformers' {@code Qwen2VLImageProcessor}. */
public final class SmartResize {
    /** Ratio of the sides above which the processor refuses an image. */
    public static final int MAX_ASPECT_RATIO = 200;

    /** A size in pixels. */
    public record Size(int height, int width) {
    }

    private SmartResize() {
    }

    /**
     * The size nearest to the given one whose sides are multiples of {@code factor} and whose area lies between the limits.
     *
     * @throws InputException if one side is more than 200 times the other
     */
    public static Size of(int height, int width, int factor, long minPixels, long maxPixels) {
        if ((double) Math.max(height, width) / Math.min(height, width) > MAX_ASPECT_RATIO) {
            throw new InputException("an image of " + width + "x" + height + " pixels is too narrow: the longer side may be at most "
                    + MAX_ASPECT_RATIO + " times the shorter one; crop or split it");
        }
        // Python's round: half to even.
        long h = (long) Math.rint((double) height / factor) * factor;
        long w = (long) Math.rint((double) width / factor) * factor;
        if (h * w > maxPixels) {
            double shrink = Math.sqrt((double) ((long) height * width) / maxPixels);
            h = Math.max(factor, (long) Math.floor(height / shrink / factor) * factor);
            w = Math.max(factor, (long) Math.floor(width / shrink / factor) * factor);
        } else if (h * w < minPixels) {
            double grow = Math.sqrt((double) minPixels / ((long) height * width));
            h = (long) Math.ceil(height * grow / factor) * factor;
            w = (long) Math.ceil(width * grow / factor) * factor;
        }
        return new Size(Math.toIntExact(h), Math.toIntExact(w));
    }
}
