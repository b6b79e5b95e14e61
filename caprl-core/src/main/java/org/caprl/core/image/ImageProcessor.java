package org.caprl.core.image;

/** Makes of an image what a family's vision tower reads. Immutable and safe for use by many threads. */
public interface ImageProcessor {
    /**
     * Resizes, normalises and cuts an image.
     *
     * @throws org.caprl.core.InputException if its limits exclude the image
     */
    ImagePatches process(RgbImage image);

    /**
     * Tokens that the language model sees of an image of this size.
     *
     * @throws org.caprl.core.InputException if its limits exclude the image
     */
    int tokens(SmartResize.Size size);

    /** How bytes become the values of a patch. */
    Normalization normalization();
}
