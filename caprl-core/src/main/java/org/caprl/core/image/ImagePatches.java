package org.caprl.core.image;

/**
 * An image as a vision tower reads it.
 *
 * @param pixels      {@code [gridT * gridH * gridW, patchLength]}, normalised; inside a patch channel, frame, row, column
 * @param gridT       patches in time, 1 for a still image; or tiles, one after the other
 * @param gridH       patches in height
 * @param gridW       patches in width
 * @param patchLength values of a patch: channels x frames x patch height x patch width
 * @param tokens      that the language model sees
 */
public record ImagePatches(float[] pixels, int gridT, int gridH, int gridW, int patchLength, int tokens) {
    public ImagePatches {
        if (pixels.length != (long) gridT * gridH * gridW * patchLength) {
            throw new IllegalArgumentException("a grid of " + gridT + "x" + gridH + "x" + gridW + " patches of " + patchLength
                    + " values cannot have " + pixels.length + " values");
        }
    }

    /** Number of patches: rows of {@link #pixels}. */
    public int patches() {
        return gridT * gridH * gridW;
    }
}
