package org.caprl.core.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.caprl.core.tensor.Storage;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;

/**
 * The functions of one forward pass in order, each with its backward.
 *
 * <p>Owns what they saved: as soon as a function's backward has run, its result, what it kept beside it, and the gradient of the result go
 * back to memory, since whoever needed them came later and is done. So backward gives room as it goes on. After it, only results that were
 * {@linkplain Var#seed seeded} and the gradients of parameters can be read.
 */
public final class Tape {
    private final List<Step> steps = new ArrayList<>();
    private final Map<Storage, Holders> gradients;
    private final Set<Storage> read = Collections.newSetFromMap(new IdentityHashMap<>());

    private record Step(Var out, Runnable backward, TensorScope scope, Tensor[] saved) {
    }

    /** How many values have a block as their gradient, and the scope that it goes back to. */
    private static final class Holders {
        private int count;
        private TensorScope scope;

        /** Holders of a seed, which stays the caller's: the caller is one, and never lets go. */
        private static Holders ofCaller(Storage seed) {
            Holders holders = new Holders();
            holders.count = 1;
            return holders;
        }
    }

    /** An empty tape. */
    public Tape() {
        this(new IdentityHashMap<>());
    }

    private Tape(Map<Storage, Holders> gradients) {
        this.gradients = gradients;
    }

    /** A tape for a part that is computed again, whose gradients may be this one's. */
    Tape again() {
        return new Tape(gradients);
    }

    /**
     * Appends a function.
     *
     * @param out its result; backward runs if a gradient has come to it
     * @param saved what backward needs of {@code scope} and nobody before needs
     */
    void record(Var out, Runnable backward, TensorScope scope, Tensor... saved) {
        steps.add(new Step(out, backward, scope, saved));
    }

    /** Appends a function that saves nothing but what its scope keeps. */
    void record(Runnable backward) {
        steps.add(new Step(null, backward, null, new Tensor[0]));
    }

    /** Says that the backward of a function needs these values. */
    void reading(Var... inputs) {
        for (Var input : inputs) {
            if (input != null) {
                read.add(input.value().storage());
            }
        }
    }

    /** Whether a backward needs this tensor, or one that shares its memory. */
    boolean reads(Tensor tensor) {
        return read.contains(tensor.storage());
    }

    /** Number of recorded functions. */
    public int size() {
        return steps.size();
    }

    /** Runs every backward in reverse order, once. Seed the gradient of the results first ({@link Var#seed}). */
    public void backward() {
        while (!steps.isEmpty()) {
            run(steps.removeLast());
        }
    }

    private void run(Step step) {
        Var out = step.out;
        if (out == null) {
            step.backward.run();
            return;
        }
        if (out.seeded()) {
            gradients.computeIfAbsent(out.grad().storage(), Holders::ofCaller);
            step.backward.run();
            return;
        }
        if (out.grad() != null) {
            step.backward.run();
        }
        out.forget(this);
        for (Tensor tensor : step.saved) {
            step.scope.release(tensor);
        }
    }

    /** One value more has this gradient; {@code scope} is where it was allocated if nobody had it before. */
    void hold(Tensor gradient, TensorScope scope) {
        Holders holders = gradients.computeIfAbsent(gradient.storage(), storage -> new Holders());
        if (holders.count++ == 0) {
            holders.scope = scope.owns(gradient) ? scope : null;
        }
    }

    /** One value less has this gradient; with the last it goes back to memory. */
    void drop(Tensor gradient) {
        Holders holders = gradients.get(gradient.storage());
        if (--holders.count == 0) {
            gradients.remove(gradient.storage());
            if (holders.scope != null) {
                holders.scope.release(gradient);
            }
        }
    }

    /** A gradient that was allocated in {@code from}, if it was, lives in {@code to} from now on. */
    void move(Tensor gradient, TensorScope from, TensorScope to) {
        if (gradient != null && from.owns(gradient)) {
            from.transfer(gradient, to);
            gradients.get(gradient.storage()).scope = to;
        }
    }
}
