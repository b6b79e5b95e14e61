package org.caprl.core.checkpoint;

import java.lang.foreign.MemorySegment;

/**
 * One tensor of a safetensors file.
 *
 * @param name  as the file has it
 * @param type  how elements are stored
 * @param shape row-major; empty for a scalar
 * @param data  read-only view of the mapped bytes, not aligned in general, valid until the file is closed
 */
public record TensorInfo(String name, StoredType type, long[] shape, MemorySegment data) {

    /** The format's name of the element type, such as {@code BF16}. */
    public String dtype() {
        return type.name();
    }

    /** Number of elements: the product of the shape. */
    public long elements() {
        return data.byteSize() / type.bytes();
    }
}
