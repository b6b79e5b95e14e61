package org.caprl.core.image;

/**
 * An image as a vision tower reads it.
 *
 * @param pixels      {@code [gridT * gridH * gridW, patchLength]}, normalised; patches in groups of merge x merge neighbours, inside a
 *                    patch channel, frame, row, column
 * @param gridT       patches in time: 1 for a still image
 * @param gridH       patches in height
 * @param gridW       patches in width
 * @param patchLength values of a patch: channels x frames x patch height x patch width
 */
public record ImagePatches(float[] pixels, int gridT, int gridH, int gridW, int patchLength) {
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

    /** Tokens that the language model sees, when {@code merge} x {@code merge} patches become one. */
    public int tokens(int merge) {
        return patches() / (merge * merge);
    }
}
