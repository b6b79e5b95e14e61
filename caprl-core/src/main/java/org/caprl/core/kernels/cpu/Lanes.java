package org.caprl.core.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.caprl.core.tensor.Tensor;

/**
 * Vectors at absolute addresses. One segment spans the address space, so that a load compiles to one instruction: no owner to ask, no
 * bounds to compare. Lengths are checked once an operation, at the waist.
 */
final class Lanes {
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> SI = S.withLanes(int.class);
    /** Floats in a vector. */
    static final int L = S.length();
    /** Bytes in a vector. */
    static final long VB = 4L * L;
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final VectorShuffle<Float> BY8 = VectorShuffle.iota(S, 8 % L, 1, true);
    private static final VectorShuffle<Float> BY4 = VectorShuffle.iota(S, 4 % L, 1, true);
    private static final VectorShuffle<Float> BY2 = VectorShuffle.iota(S, 2 % L, 1, true);
    private static final VectorShuffle<Float> BY1 = VectorShuffle.iota(S, 1 % L, 1, true);

    private Lanes() {
    }

    static long address(Tensor t) {
        return t.segment().address();
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(S, ALL, address, ORDER);
    }

    static void store(FloatVector v, long address) {
        v.intoMemorySegment(ALL, address, ORDER);
    }

    static IntVector loadInts(long address) {
        return IntVector.fromMemorySegment(SI, ALL, address, ORDER);
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(S, value);
    }

    static FloatVector broadcast(long address) {
        return FloatVector.broadcast(S, ALL.get(F32, address));
    }

    static FloatVector zero() {
        return FloatVector.zero(S);
    }

    static float get(long address) {
        return ALL.get(F32, address);
    }

    static void set(long address, float value) {
        ALL.set(F32, address, value);
    }

    static int getInt(long address) {
        return ALL.get(I32, address);
    }

    static void setInt(long address, int value) {
        ALL.set(I32, address, value);
    }

    static short getShort(long address) {
        return ALL.get(I16, address);
    }

    /** The float32 whose upper half is the bfloat16 at {@code address}. */
    static float getBf16(long address) {
        return Float.intBitsToFloat(ALL.get(I16, address) << 16);
    }

    /** Rounds to nearest even; a NaN stays one. */
    static void setBf16(long address, float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = value != value ? bits | 0x400000 : bits + 0x7FFF + (bits >>> 16 & 1);
        ALL.set(I16, address, (short) (rounded >>> 16));
    }

    /** Sum of the lanes in one fixed order; {@code reduceLanes} has another order before and after compilation. */
    static float sum(FloatVector v) {
        FloatVector s = v;
        if (L > 8) {
            s = s.add(s.rearrange(BY8));
        }
        if (L > 4) {
            s = s.add(s.rearrange(BY4));
        }
        if (L > 2) {
            s = s.add(s.rearrange(BY2));
        }
        return s.add(s.rearrange(BY1)).lane(0);
    }

    static float max(FloatVector v) {
        return v.reduceLanes(VectorOperators.MAX);
    }

    static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /** Zeros; plain stores, since a vector of zeros carried through a loop is boxed. */
    static void clear(long address, long bytes) {
        long end = address + bytes;
        long a = address;
        for (; a + 8 <= end; a += 8) {
            ALL.set(I64, a, 0L);
        }
        if (a < end) {
            setInt(a, 0);
        }
    }
}
