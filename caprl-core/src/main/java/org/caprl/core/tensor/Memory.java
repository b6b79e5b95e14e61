package org.caprl.core.tensor;

/** A source of storage that keeps returned blocks for reuse. Implementations are thread-safe. */
public interface Memory extends AutoCloseable {
    /** A block of at least {@code bytes} bytes for {@link MemoryOwner#WORKSPACE}; contents undefined. */
    Storage take(long bytes);

    /** A block of at least {@code bytes} bytes; contents undefined. Memory that doesn't tell owners apart counts all as workspace. */
    default Storage take(long bytes, MemoryOwner owner) {
        return take(bytes);
    }

    /** A block of at least {@code bytes} bytes for elements of one type; the type matters where blocks of a device are typed. */
    default Storage take(DType dtype, long bytes, MemoryOwner owner) {
        return take(bytes, owner);
    }

    /** Gives a block back for reuse. */
    void give(Storage storage);

    /** Sets a block's first {@code bytes} bytes to zero. */
    void clear(Storage storage, long offset, long bytes);

    /** Bytes now handed out. */
    long bytesInUse();

    /** The largest value that {@link #bytesInUse()} had since the last {@link #resetPeak()}. */
    long peakBytes();

    /** The most bytes that one owner had at a time since the last {@link #resetPeak()}; owners have their peaks at different times. */
    default long peakBytes(MemoryOwner owner) {
        return owner == MemoryOwner.WORKSPACE ? peakBytes() : 0;
    }

    /** Starts a new peak measurement from what is in use now. */
    void resetPeak();

    /** Bytes held from the system: handed out or kept for reuse. */
    long bytesHeld();

    /** Copies made so far from host memory into blocks; 0 where blocks are host memory. */
    default long copiesIn() {
        return 0;
    }

    /** Copies made so far from blocks to host memory; 0 where blocks are host memory. */
    default long copiesOut() {
        return 0;
    }

    /** Returns to the system what is kept for reuse. */
    void trim();

    @Override
    void close();
}
