package org.caprl.core.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.Tensor;

/**
 * Vectors at absolute addresses. One segment spans the address space, so that a load compiles to one instruction: no owner to ask, no
 * bounds to compare. Lengths are checked once an operation, at the waist.
 *
 * <p>Kernels call {@link FloatVector} itself, not by way of methods here: C2 stops inlining such a method where the caller has grown past
 * {@code NodeCountInliningCutoff}, and then each vector that goes through it is put on the heap; the vectors' own methods it always
 * inlines.
 */
final class Lanes {
    static final VectorSpecies<Float> S =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> SI = S.withLanes(int.class);
    /** Floats in a vector. */
    static final int L = S.length();
    /** Bytes in a vector. */
    static final long VB = 4L * L;
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    /** Address of a vector 0, 1, 2, … */
    static final long IOTA = iota();

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final VectorShuffle<Float> BY8 = VectorShuffle.iota(S, 8 % L, 1, true);
    private static final VectorShuffle<Float> BY4 = VectorShuffle.iota(S, 4 % L, 1, true);
    private static final VectorShuffle<Float> BY2 = VectorShuffle.iota(S, 2 % L, 1, true);
    private static final VectorShuffle<Float> BY1 = VectorShuffle.iota(S, 1 % L, 1, true);

    private Lanes() {
    }

    private static long iota() {
        MemorySegment iota = Arena.global().allocate(VB, VB);
        for (int i = 0; i < L; i++) {
            iota.setAtIndex(F32, i, i);
        }
        return iota.address();
    }

    static long address(Tensor t) {
        return t.segment().address();
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
        return BFloat16.toFloat(ALL.get(I16, address));
    }

    /** Rounds to nearest even; a NaN stays one. */
    static void setBf16(long address, float value) {
        ALL.set(I16, address, BFloat16.fromFloat(value));
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

    /** The largest lane, which may be infinite but not NaN. */
    static float largest(FloatVector v) {
        FloatVector s = v;
        if (L > 8) {
            FloatVector r = s.rearrange(BY8);
            s = s.blend(r, r.compare(VectorOperators.GT, s));
        }
        if (L > 4) {
            FloatVector r = s.rearrange(BY4);
            s = s.blend(r, r.compare(VectorOperators.GT, s));
        }
        if (L > 2) {
            FloatVector r = s.rearrange(BY2);
            s = s.blend(r, r.compare(VectorOperators.GT, s));
        }
        return Math.max(s.lane(0), s.lane(1));
    }

    static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /** Zeros. */
    static void clear(long address, long bytes) {
        long end = address + bytes;
        long a = address;
        for (; a + VB <= end; a += VB) {
            FloatVector.zero(S).intoMemorySegment(ALL, a, ORDER);
        }
        for (; a < end; a += 4) {
            setInt(a, 0);
        }
    }
}
