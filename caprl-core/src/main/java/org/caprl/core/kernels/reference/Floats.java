package org.caprl.core.kernels.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/** The elements of a float32 or bfloat16 tensor by their index in row-major order. */
final class Floats {
    private final MemorySegment segment;
    private final boolean narrow;

    private Floats(MemorySegment segment, boolean narrow) {
        this.segment = segment;
        this.narrow = narrow;
    }

    static Floats of(Tensor tensor) {
        if (tensor.dtype() == DType.I32) {
            throw new IllegalArgumentException(tensor + " where floats are expected");
        }
        return new Floats(tensor.segment(), tensor.dtype() == DType.BF16);
    }

    float get(long i) {
        return narrow ? BFloat16.toFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, i)) : segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    /** Stores a value, rounded once: to float32, or from float32 on to bfloat16. */
    void set(long i, double value) {
        if (narrow) {
            segment.setAtIndex(ValueLayout.JAVA_SHORT, i, BFloat16.fromFloat((float) value));
        } else {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
        }
    }

    void add(long i, double value) {
        set(i, get(i) + value);
    }

    /** Copy of the {@code n} elements from {@code start}, widened. */
    double[] slice(long start, int n) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = get(start + i);
        }
        return values;
    }
}
