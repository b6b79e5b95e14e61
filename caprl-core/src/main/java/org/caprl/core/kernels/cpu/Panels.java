package org.caprl.core.kernels.cpu;

import java.lang.ref.Cleaner;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Storage;
import org.caprl.core.tensor.Tensor;

/**
 * A copy of a weight [N,K] in panels of two vectors of columns: panel p holds outputs p·2L to (p+1)·2L, for each k in turn, with zeros
 * beyond N. In float32 that is 2L floats; in bfloat16 L ints, each with column j in its lower and column j + L in its upper half, so that
 * a shift and a mask widen them.
 *
 * <p>Lives as long as the weight's {@link Tensor} object, or until it is closed, and is filled again when the weight has changed.
 */
final class Panels implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    static final int WIDTH = 2 * Lanes.L;

    final int outputs;
    final int depth;
    final boolean half;
    private final long address;
    private final Cleaner.Cleanable release;

    Panels(Tensor weight, Memory memory) {
        this.outputs = weight.dim(0);
        this.depth = weight.dim(1);
        this.half = weight.dtype() == DType.BF16;
        Storage storage = memory.take(count() * panelBytes());
        this.address = storage.host().address();
        this.release = CLEANER.register(this, () -> memory.give(storage));
    }

    @Override
    public void close() {
        release.clean();
    }

    /** Number of panels. */
    int count() {
        return (outputs + WIDTH - 1) / WIDTH;
    }

    long panelBytes() {
        return stepBytes() * depth;
    }

    /** Bytes from one k to the next. */
    long stepBytes() {
        return half ? Lanes.VB : 2 * Lanes.VB;
    }

    long address(int panel) {
        return address + panel * panelBytes();
    }

    /** Copies the columns of one panel from the weight at {@code w}. */
    void pack(int panel, long w) {
        int first = panel * WIDTH;
        long at = address(panel);
        for (int j = 0; j < Lanes.L; j++) {
            int low = first + j;
            int high = low + Lanes.L;
            if (half) {
                packHalf(w, low, high, at + 4L * j);
            } else {
                packColumn(w, low, at + 4L * j);
                packColumn(w, high, at + 4L * (j + Lanes.L));
            }
        }
    }

    private void packColumn(long w, int output, long at) {
        long step = stepBytes();
        if (output >= outputs) {
            for (int k = 0; k < depth; k++) {
                Lanes.setInt(at + k * step, 0);
            }
            return;
        }
        long row = w + 4L * output * depth;
        for (int k = 0; k < depth; k++) {
            Lanes.setInt(at + k * step, Lanes.getInt(row + 4L * k));
        }
    }

    private void packHalf(long w, int low, int high, long at) {
        long step = stepBytes();
        for (int k = 0; k < depth; k++) {
            int l = low < outputs ? Lanes.getShort(w + 2L * ((long) low * depth + k)) : 0;
            int h = high < outputs ? Lanes.getShort(w + 2L * ((long) high * depth + k)) : 0;
            Lanes.setInt(at + k * step, l & 0xFFFF | h << 16);
        }
    }
}
