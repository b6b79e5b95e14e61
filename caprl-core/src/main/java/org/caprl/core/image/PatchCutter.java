package org.caprl.core.image;

/** Cuts normalised square patches out of images: inside a patch channel, frame, row, column. */
final class PatchCutter {
    private final int side;
    private final int frames;
    private final float[][] normalised;

    /**
     * @param side   of a patch in pixels
     * @param frames of a patch; a still image is repeated
     */
    PatchCutter(int side, int frames, Normalization normalization) {
        this.side = side;
        this.frames = frames;
        this.normalised = normalization.table();
    }

    /** Values of a patch. */
    int length() {
        return Normalization.CHANNELS * frames * side * side;
    }

    /** Writes the patch whose upper left pixel is ({@code left}, {@code top}) at {@code start}; returns where the next one goes. */
    int cut(RgbImage image, int top, int left, float[] pixels, int start) {
        int to = start;
        for (int channel = 0; channel < Normalization.CHANNELS; channel++) {
            int frame = to;
            for (int y = top; y < top + side; y++) {
                int from = (y * image.width() + left) * Normalization.CHANNELS + channel;
                for (int x = 0; x < side; x++, from += Normalization.CHANNELS) {
                    pixels[to++] = normalised[channel][image.rgb()[from] & 0xff];
                }
            }
            for (int copy = 1; copy < frames; copy++) {
                System.arraycopy(pixels, frame, pixels, to, side * side);
                to += side * side;
            }
        }
        return to;
    }
}
