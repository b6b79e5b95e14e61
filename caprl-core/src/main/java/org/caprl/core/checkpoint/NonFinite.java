package org.caprl.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds NaN and infinities: numbers whose exponent is all ones. */
final class NonFinite {
    private static final int EXPONENT = 0x7f800000;

    private NonFinite() {
    }

    /**
     * The index of the first, or -1.
     *
     * @param bytes of an element: 4 for float32, 2 for bfloat16
     */
    static long first(MemorySegment values, int bytes) {
        long whole = values.byteSize() / Long.BYTES;
        boolean floats = bytes == Float.BYTES;
        // Eight bytes at once: an exponent of all ones, and no other, carries into the sign of its element.
        boolean any = floats ? any(values, whole, 0x7f8000007f800000L, 0x0080000000800000L, 0x8000000080000000L)
                : any(values, whole, 0x7f807f807f807f80L, 0x0080008000800080L, 0x8000800080008000L);
        for (long i = any ? 0 : whole * Long.BYTES / bytes; i < values.byteSize() / bytes; i++) {
            int bits = floats ? values.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i)
                    : values.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i) << Short.SIZE;
            if ((bits & EXPONENT) == EXPONENT) {
                return i;
            }
        }
        return -1;
    }

    /** Without a branch for each element. */
    private static boolean any(MemorySegment values, long longs, long exponents, long carries, long signs) {
        long carried = 0;
        for (long i = 0; i < longs; i++) {
            carried |= (values.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i) & exponents) + carries;
        }
        return (carried & signs) != 0;
    }
}
