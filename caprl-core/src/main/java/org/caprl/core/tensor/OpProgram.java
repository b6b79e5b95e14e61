package org.caprl.core.tensor;

import java.util.Arrays;

/** Operations in order, each with its tensors; see {@link RecordedOps}. */
public final class OpProgram {
    private Runnable[] steps = new Runnable[64];
    private int size;

    /** Adds an operation at the end. */
    void keep(Runnable step) {
        if (size == steps.length) {
            steps = Arrays.copyOf(steps, size * 2);
        }
        steps[size++] = step;
    }

    /** Number of operations. */
    public int size() {
        return size;
    }

    /** Runs all operations again, in order. */
    public void replay() {
        for (int i = 0; i < size; i++) {
            steps[i].run();
        }
    }
}
