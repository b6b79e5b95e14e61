package org.caprl.core.tensor;

/**
 * Frequencies of a rotary embedding.
 *
 * @param inverseFrequencies one a rotated pair, length headDim / 2, float32 as {@code transformers} computes them
 * @param axis for each frequency, which row of the positions drives it: all 0 for one-dimensional text; 0, 1, 2 for
 *     time, height, width sections; 0, 1 for the rows and columns of image patches
 * @param scale factor on cos and sin ({@code attention_scaling}; 1 unless the rope type says otherwise)
 */
public record RotarySpec(float[] inverseFrequencies, int[] axis, float scale) {
    /** Checks that both arrays have one length. */
    public RotarySpec {
        if (inverseFrequencies.length != axis.length) {
            throw new IllegalArgumentException(inverseFrequencies.length + " frequencies but " + axis.length + " axes");
        }
    }
}
