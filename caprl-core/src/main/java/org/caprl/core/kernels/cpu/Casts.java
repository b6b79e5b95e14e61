package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Between bfloat16 and float32. */
final class Casts {
    private static final VectorSpecies<Short> HALVES =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.S.vectorBitSize() / 2));

    private Casts() {
    }

    /** {@code n} bfloat16 at {@code from} to float32 at {@code to}. */
    static void widen(long from, long to, int n) {
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            ShortVector half = ShortVector.fromMemorySegment(HALVES, Lanes.ALL, from + 2L * i, java.nio.ByteOrder.nativeOrder());
            IntVector bits = (IntVector) half.convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.SI, 0);
            FloatVector wide = bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            wide.intoMemorySegment(ALL, to + 4L * i, ORDER);
        }
        for (; i < n; i++) {
            Lanes.set(to + 4L * i, Lanes.getBf16(from + 2L * i));
        }
    }

    /** {@code n} float32 at {@code from} to bfloat16 at {@code to}, rounded to nearest even. */
    static void narrow(long from, long to, int n) {
        for (int i = 0; i < n; i++) {
            Lanes.setBf16(to + 2L * i, Lanes.get(from + 4L * i));
        }
    }
}
