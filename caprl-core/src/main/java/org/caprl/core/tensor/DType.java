package org.caprl.core.tensor;

/** Element type of a {@link Tensor}. */
public enum DType {
    /** IEEE 754 single precision: what every computation runs in. */
    F32(4),
    /** bfloat16, the upper half of a float32: a storage type for frozen weights. */
    BF16(2),
    /** Signed 32-bit integer: ids, indices, positions. */
    I32(4);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }
}
