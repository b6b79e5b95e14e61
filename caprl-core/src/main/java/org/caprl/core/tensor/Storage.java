package org.caprl.core.tensor;

import java.lang.foreign.MemorySegment;

/** A block of memory that holds the elements of one or more tensors; where it lives is the backend's affair. */
public interface Storage {
    /** Size in bytes. */
    long byteSize();

    /**
     * The block as host memory.
     *
     * @throws UnsupportedOperationException when the block lives on a device
     */
    MemorySegment host();
}
