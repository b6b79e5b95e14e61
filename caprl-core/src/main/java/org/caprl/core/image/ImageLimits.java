package org.caprl.core.image;

import org.caprl.core.InputException;

/**
 * Which images are taken; checked from the file's header before its pixels are decoded.
 *
 * @param minSide        smallest width and height in pixels
 * @param maxAspectRatio largest ratio of the longer to the shorter side
 * @param maxPixels      largest number of pixels
 */
public record ImageLimits(int minSide, int maxAspectRatio, long maxPixels) {
    /** For users' data: an image of one pixel in width or height shows nothing that a caption could describe. */
    public static final ImageLimits DEFAULT = new ImageLimits(2, SmartResize.MAX_ASPECT_RATIO, 100_000_000);
    /** Everything that the image processors of transformers accept. */
    public static final ImageLimits PROCESSOR = new ImageLimits(1, SmartResize.MAX_ASPECT_RATIO, 100_000_000);

    /** @throws InputException naming the file, the limit and the cure if the size is outside */
    void check(String name, int width, int height) {
        if (Math.min(width, height) < minSide) {
            throw new InputException(name + ": the image is " + width + "x" + height + " pixels, the smallest side allowed is " + minSide
                    + "; use a larger image or remove the row");
        }
        if ((double) Math.max(width, height) / Math.min(width, height) > maxAspectRatio) {
            throw new InputException(name + ": the image is " + width + "x" + height + " pixels, the longer side may be at most "
                    + maxAspectRatio + " times the shorter one; crop or split it, or remove the row");
        }
        if ((long) width * height > maxPixels) {
            throw new InputException(name + ": the image is " + width + "x" + height + " = " + (long) width * height
                    + " pixels, at most " + maxPixels + " are allowed; scale it down");
        }
    }
}
