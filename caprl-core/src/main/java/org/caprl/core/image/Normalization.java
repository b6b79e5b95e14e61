package org.caprl.core.image;

import java.util.List;

/**
 * How the bytes of an image become the numbers that a vision tower reads.
 *
 * @param mean          per channel, of values between 0 and 1
 * @param std           per channel, of values between 0 and 1
 * @param rescaleFactor what brings a byte to between 0 and 1
 */
public record Normalization(List<Double> mean, List<Double> std, double rescaleFactor) {
    static final int CHANNELS = 3;

    /** Mean and std are copied. */
    public Normalization {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** {@code [channel][byte]}: (byte - 255 mean) / (255 std) in float32; transformers fuses rescaling and normalisation so. */
    float[][] table() {
        float[][] table = new float[CHANNELS][256];
        float unit = (float) (1 / rescaleFactor);
        for (int channel = 0; channel < CHANNELS; channel++) {
            float own = mean.get(channel).floatValue() * unit;
            float deviation = std.get(channel).floatValue() * unit;
            for (int value = 0; value < 256; value++) {
                table[channel][value] = (value - own) / deviation;
            }
        }
        return table;
    }

    /** The byte that became this value. */
    public byte toByte(float value, int channel) {
        return (byte) Math.round((value * std.get(channel) + mean.get(channel)) / rescaleFactor);
    }
}
