package org.caprl.core.image;

/**
 * A decoded image, 8 bits a channel.
 *
 * @param width  pixels
 * @param height pixels
 * @param rgb    {@code [height, width, 3]}, red first; not copied, treat it as immutable
 */
public record RgbImage(int width, int height, byte[] rgb) {
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException("an image of " + width + "x" + height + " needs " + 3L * width * height + " bytes, got "
                    + rgb.length);
        }
    }
}
