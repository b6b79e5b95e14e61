package org.caprl.core.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.caprl.core.tensor.BFloat16;

/**
 * Whether oneDNN's product of float32 rows with bfloat16 weights may be used: with AVX-512, where it is quicker than widening first, and
 * only if it has the bits of the float32 product with the widened weights. oneDNN is known to compute some such products wrongly, so this
 * is tried once on the machine itself, when such weights are first used.
 */
final class NarrowWeights {
    static final int AVX512 = 0x27;
    private static final int[] ROWS = {32, 96, 256};
    private static final int[] DEPTHS = {1, 20, 300, PanelKernels.CHAIN};
    /** Multiples of what slices begin at: for a single column the bits differ. */
    private static final int[] COLUMNS = {16, 48, 400};

    private NarrowWeights() {
    }

    private static final class Found {
        private static final boolean SAME = (Dnnl.effectiveIsa() & AVX512) == AVX512 && sameBits();
    }

    static boolean allowed() {
        return Found.SAME;
    }

    /** Both products over rows of weights that are twice as long as the sums, as the chains of deep products are. */
    static boolean sameBits() {
        SplittableRandom random = new SplittableRandom(1);
        try (DnnlProducts products = new DnnlProducts(); Arena arena = Arena.ofConfined()) {
            for (int rows : ROWS) {
                for (int depth : DEPTHS) {
                    for (int columns : COLUMNS) {
                        long stride = 2L * depth;
                        MemorySegment x = arena.allocate(4L * rows * depth, 64);
                        MemorySegment narrow = arena.allocate(2 * columns * stride, 64);
                        MemorySegment wide = arena.allocate(4 * columns * stride, 64);
                        for (long i = 0; i < (long) rows * depth; i++) {
                            x.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble() - 0.5f);
                        }
                        for (long i = 0; i < columns * stride; i++) {
                            narrow.setAtIndex(ValueLayout.JAVA_SHORT, i, BFloat16.fromFloat((float) random.nextDouble() - 0.5f));
                        }
                        BFloat16.widen(narrow, wide);
                        MemorySegment expected = arena.allocate(4L * rows * columns, 64);
                        MemorySegment got = arena.allocate(4L * rows * columns, 64);
                        products.multiply(rows, columns, depth, x.address(), depth, 1, wide.address(), 1, stride, Dnnl.F32,
                                expected.address(), columns, false);
                        products.multiply(rows, columns, depth, x.address(), depth, 1, narrow.address(), 1, stride, Dnnl.BF16,
                                got.address(), columns, false);
                        if (expected.mismatch(got) >= 0) {
                            return false;
                        }
                    }
                }
            }
        }
        return true;
    }
}
