package org.caprl.core.tensor;

/** A source of storage that keeps returned blocks for reuse. Implementations are thread-safe. */
public interface Memory extends AutoCloseable {
    /** A block of at least {@code bytes} bytes; contents undefined. */
    Storage take(long bytes);

    /** Gives a block back for reuse. */
    void give(Storage storage);

    /** Sets a block's first {@code bytes} bytes to zero. */
    void clear(Storage storage, long offset, long bytes);

    /** Bytes now handed out. */
    long bytesInUse();

    /** The largest value that {@link #bytesInUse()} had since the last {@link #resetPeak()}. */
    long peakBytes();

    /** Starts a new peak measurement from what is in use now. */
    void resetPeak();

    /** Bytes held from the system: handed out or kept for reuse. */
    long bytesHeld();

    /** Returns to the system what is kept for reuse. */
    void trim();

    @Override
    void close();
}
