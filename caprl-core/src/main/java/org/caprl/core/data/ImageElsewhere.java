package org.caprl.core.data;

/**
 * The image of a sample whose captions are scored where the image is not: rewards don't look at it.
 *
 * @param name the sample's id
 */
public record ImageElsewhere(String name) implements SampleImage {
    @Override
    public byte[] bytes() {
        throw new IllegalStateException("the image of sample '" + name + "' is not here");
    }
}
