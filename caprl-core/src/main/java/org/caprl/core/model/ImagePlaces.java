package org.caprl.core.model;

import java.util.stream.IntStream;
import org.caprl.core.image.ImageProcessor;

/**
 * How images enter the prompts of a family.
 *
 * @param images makes patches of them
 * @param token  marks the place of an image: once in a rendered prompt, then once for each token that the image has
 * @param before ids before an image's tokens that the rendered prompt has not
 * @param after  ids after an image's tokens that the rendered prompt has not
 */
public record ImagePlaces(ImageProcessor images, int token, int[] before, int[] after) {
    /** Places whose marks stand in the rendered prompt. */
    public ImagePlaces(ImageProcessor images, int token) {
        this(images, token, new int[0], new int[0]);
    }

    /** Ids that stand for an image of {@code tokens} tokens. */
    public IntStream ids(int tokens) {
        return IntStream.concat(IntStream.concat(IntStream.of(before), IntStream.generate(() -> token).limit(tokens)),
                IntStream.of(after));
    }

    /** Ids that an image of {@code tokens} tokens takes. */
    public int length(int tokens) {
        return before.length + tokens + after.length;
    }
}
