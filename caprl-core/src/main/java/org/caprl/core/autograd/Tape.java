package org.caprl.core.autograd;

import java.util.ArrayList;
import java.util.List;

/** The functions of one forward pass in order, each with its backward. Activations that backward needs live in the pass's scope. */
public final class Tape {
    private final List<Runnable> backward = new ArrayList<>();

    void record(Runnable step) {
        backward.add(step);
    }

    /** Number of recorded functions. */
    public int size() {
        return backward.size();
    }

    /** Runs every backward in reverse order, once. Seed the gradient of the results first ({@link Var#seed}). */
    public void backward() {
        for (int i = backward.size() - 1; i >= 0; i--) {
            backward.get(i).run();
        }
        backward.clear();
    }
}
