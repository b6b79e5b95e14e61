package org.caprl.core.tensor;

/** Counts bytes that are handed out, and the most there were, by owner and together. Not thread-safe. */
final class MemoryUse {
    private final long[] inUse = new long[MemoryOwner.values().length];
    private final long[] peaks = new long[inUse.length];
    private long together;
    private long peak;

    void taken(MemoryOwner owner, long bytes) {
        int i = owner.ordinal();
        inUse[i] += bytes;
        peaks[i] = Math.max(peaks[i], inUse[i]);
        together += bytes;
        peak = Math.max(peak, together);
    }

    void given(MemoryOwner owner, long bytes) {
        inUse[owner.ordinal()] -= bytes;
        together -= bytes;
    }

    long bytes() {
        return together;
    }

    long peak() {
        return peak;
    }

    long peak(MemoryOwner owner) {
        return peaks[owner.ordinal()];
    }

    void resetPeaks() {
        System.arraycopy(inUse, 0, peaks, 0, inUse.length);
        peak = together;
    }
}
