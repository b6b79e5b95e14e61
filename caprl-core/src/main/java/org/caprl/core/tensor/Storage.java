package org.caprl.core.tensor;

import java.lang.foreign.MemorySegment;

/** A block of memory that holds the elements of one or more tensors; where it lives is the backend's affair. */
public interface Storage {
    /** Size in bytes. */
    long byteSize();

    /** Whether {@link #host()} works. */
    default boolean onHost() {
        return true;
    }

    /**
     * The block as host memory.
     *
     * @throws UnsupportedOperationException when the block lives on a device
     */
    MemorySegment host();

    /** Copies all of {@code from} into the block, from byte {@code offset} on. */
    default void write(long offset, MemorySegment from) {
        MemorySegment.copy(from, 0, host(), offset, from.byteSize());
    }

    /** Copies bytes of the block, from byte {@code offset} on, until {@code to} is full. */
    default void read(long offset, MemorySegment to) {
        MemorySegment.copy(host(), offset, to, 0, to.byteSize());
    }
}
