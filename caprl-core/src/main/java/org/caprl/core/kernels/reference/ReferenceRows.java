package org.caprl.core.kernels.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/** Rows moved by index, copies, fills. */
final class ReferenceRows {
    private ReferenceRows() {
    }

    static void gather(Tensor x, Tensor index, Tensor y) {
        int columns = x.columns();
        for (int i = 0; i < index.dim(0); i++) {
            move(x, (long) at(index, i) * columns, y, (long) i * columns, columns);
        }
    }

    static void scatter(Tensor x, Tensor index, Tensor y) {
        int columns = x.columns();
        for (int i = 0; i < index.dim(0); i++) {
            int row = at(index, i);
            if (row >= 0) {
                move(x, (long) i * columns, y, (long) row * columns, columns);
            }
        }
    }

    static void scatterAdd(Tensor x, Tensor index, Tensor y) {
        int columns = x.columns();
        Floats xs = Floats.of(x);
        Floats ys = Floats.of(y);
        for (int i = 0; i < index.dim(0); i++) {
            int row = at(index, i);
            for (int c = 0; c < columns; c++) {
                ys.add((long) row * columns + c, xs.get((long) i * columns + c));
            }
        }
    }

    /** {@code n} elements from one tensor to another, converting between the two kinds of floats. */
    static void move(Tensor from, long fromIndex, Tensor to, long toIndex, long n) {
        if (from.dtype() == to.dtype()) {
            int bytes = from.dtype().bytes();
            MemorySegment.copy(from.segment(), fromIndex * bytes, to.segment(), toIndex * bytes, n * bytes);
            return;
        }
        Floats source = Floats.of(from);
        Floats target = Floats.of(to);
        for (long i = 0; i < n; i++) {
            target.set(toIndex + i, source.get(fromIndex + i));
        }
    }

    static void fill(Tensor y, float value) {
        if (y.dtype() == DType.I32) {
            MemorySegment segment = y.segment();
            for (long i = 0; i < y.size(); i++) {
                segment.setAtIndex(ValueLayout.JAVA_INT, i, (int) value);
            }
            return;
        }
        Floats ys = Floats.of(y);
        for (long i = 0; i < y.size(); i++) {
            ys.set(i, value);
        }
    }

    static int at(Tensor ints, long i) {
        return ints.segment().getAtIndex(ValueLayout.JAVA_INT, i);
    }
}
