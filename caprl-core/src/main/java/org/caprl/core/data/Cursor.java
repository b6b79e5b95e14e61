package org.caprl.core.data;

/**
 * Where a shuffled, endless pass over a {@link SampleSource} stands. Plain numbers, to be saved in a checkpoint.
 *
 * @param seed     fixes the order of every epoch
 * @param epoch    how many times all samples have been given, from 0
 * @param position how many samples of this epoch have been given
 */
public record Cursor(long seed, long epoch, long position) {
    /** @throws IllegalArgumentException if a count is negative */
    public Cursor {
        if (epoch < 0 || position < 0) {
            throw new IllegalArgumentException("a cursor counts from 0, got epoch " + epoch + ", position " + position);
        }
    }

    /** The start of an endless pass in the order of this seed. */
    public static Cursor start(long seed) {
        return new Cursor(seed, 0, 0);
    }
}
