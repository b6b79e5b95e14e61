package org.caprl.core.tensor;

/** Counts bytes that are handed out, and the most there were, by owner and together. Not thread-safe. */
public final class MemoryUse {
    private final long[] inUse = new long[MemoryOwner.values().length];
    private final long[] peaks = new long[inUse.length];
    private long together;
    private long peak;

    /** Counts a block that is handed out. */
    public void taken(MemoryOwner owner, long bytes) {
        int i = owner.ordinal();
        inUse[i] += bytes;
        peaks[i] = Math.max(peaks[i], inUse[i]);
        together += bytes;
        peak = Math.max(peak, together);
    }

    /** Counts a block that came back. */
    public void given(MemoryOwner owner, long bytes) {
        inUse[owner.ordinal()] -= bytes;
        together -= bytes;
    }

    /** Bytes now handed out. */
    public long bytes() {
        return together;
    }

    /** The most bytes together since the last {@link #resetPeaks()}. */
    public long peak() {
        return peak;
    }

    /** The most bytes of one owner since the last {@link #resetPeaks()}. */
    public long peak(MemoryOwner owner) {
        return peaks[owner.ordinal()];
    }

    /** Starts new peaks from what is handed out now. */
    public void resetPeaks() {
        System.arraycopy(inUse, 0, peaks, 0, inUse.length);
        peak = together;
    }
}
