package org.caprl.core.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * bfloat16: the upper 16 bits of a float32 (8 exponent bits, 7 mantissa bits). Narrowing rounds to nearest, ties to even, as
 * PyTorch does; a NaN stays a NaN.
 */
public final class BFloat16 {
    private BFloat16() {
    }

    /** The float32 with exactly this bfloat16's value. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The bits of the bfloat16 nearest to {@code value}, ties to even; too large becomes infinity. */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40); // rounding up could carry a NaN into the sign; setting the quiet bit cannot
        }
        int roundUp = 0x7fff + (bits >>> 16 & 1);
        return (short) (bits + roundUp >>> 16);
    }

    /** Widens little-endian bfloat16 values into float32; {@code f32} has twice the bytes of {@code bf16}. */
    public static void widen(MemorySegment bf16, MemorySegment f32) {
        long n = bf16.byteSize() / Short.BYTES;
        requireTwice(f32, bf16);
        for (long i = 0; i < n; i++) {
            f32.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, toFloat(bf16.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i)));
        }
    }

    /** Narrows float32 values into bfloat16; {@code f32} has twice the bytes of {@code bf16}. */
    public static void narrow(MemorySegment f32, MemorySegment bf16) {
        long n = bf16.byteSize() / Short.BYTES;
        requireTwice(f32, bf16);
        for (long i = 0; i < n; i++) {
            bf16.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, fromFloat(f32.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i)));
        }
    }

    private static void requireTwice(MemorySegment f32, MemorySegment bf16) {
        if (f32.byteSize() != 2 * bf16.byteSize()) {
            throw new IllegalArgumentException("float32 segment of " + f32.byteSize() + " bytes for a bfloat16 segment of "
                    + bf16.byteSize() + " bytes");
        }
    }
}
