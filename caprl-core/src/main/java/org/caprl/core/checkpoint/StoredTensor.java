package org.caprl.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor to be written.
 *
 * @param name   under which it is stored
 * @param type   how it is stored: F32, BF16 (rounded to nearest even while writing) or I32
 * @param shape  row-major
 * @param values native-order float32 for F32 and BF16, int32 for I32: 4 bytes an element
 */
public record StoredTensor(String name, StoredType type, long[] shape, MemorySegment values) {
    /** Checks that type, shape and values agree. */
    public StoredTensor {
        if (type != StoredType.F32 && type != StoredType.BF16 && type != StoredType.I32) {
            throw new IllegalArgumentException("tensor '" + name + "': " + type + " is not written, only F32, BF16 and I32");
        }
        long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (values.byteSize() != 4 * elements) {
            throw new IllegalArgumentException("tensor '" + name + "' of shape " + Arrays.toString(shape) + " needs " + 4 * elements
                    + " bytes of values, got " + values.byteSize());
        }
    }

    /** Bytes in the file. */
    long storedBytes() {
        return values.byteSize() / 4 * type.bytes();
    }
}
