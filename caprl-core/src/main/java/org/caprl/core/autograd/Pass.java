package org.caprl.core.autograd;

import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * One walk through a model: the backend, the scope that results are allocated in, and the tape when gradients are wanted.
 *
 * <p>In inference ({@link #inference}) there is no tape, and {@link #block} returns a block's intermediate results to memory at once.
 */
public final class Pass {
    private final TensorOps ops;
    private final TensorScope scope;
    private final Tape tape;
    private final boolean recompute;
    private final BiConsumer<String, Tensor> observer;

    private Pass(TensorOps ops, TensorScope scope, Tape tape, boolean recompute, BiConsumer<String, Tensor> observer) {
        this.ops = ops;
        this.scope = scope;
        this.tape = tape;
        this.recompute = recompute;
        this.observer = observer;
    }

    /** A pass that keeps nothing for gradients. */
    public static Pass inference(TensorOps ops, TensorScope scope) {
        return new Pass(ops, scope, null, false, null);
    }

    /** A pass that records on {@code tape}; activations stay in {@code scope} until backward is done with them. */
    public static Pass training(TensorOps ops, TensorScope scope, Tape tape) {
        return new Pass(ops, scope, tape, false, null);
    }

    /**
     * The same pass, keeping of each {@link #block} its input only: backward computes the block again, and so needs the activations of one
     * block at a time for about a third more arithmetic. The gradients are the same bits (Chen et al., arXiv 1604.06174).
     */
    public Pass recomputingBlocks() {
        return new Pass(ops, scope, tape, true, observer);
    }

    /** The same pass, telling {@code observer} each value that the model names with {@link #observe}. */
    public Pass observedBy(BiConsumer<String, Tensor> listener) {
        return new Pass(ops, scope, tape, recompute, listener);
    }

    /** The backend. */
    public TensorOps ops() {
        return ops;
    }

    /** Where results are allocated. */
    public TensorScope scope() {
        return scope;
    }

    /** Whether gradients are recorded. */
    public boolean training() {
        return tape != null;
    }

    /** Names a value for whoever looks into the model (comparison with golden data); costs nothing otherwise. */
    public void observe(String name, Var value) {
        if (observer != null) {
            observer.accept(name, value.value());
        }
    }

    Tape tape() {
        return tape;
    }

    boolean recording(Var... inputs) {
        if (tape == null) {
            return false;
        }
        for (Var input : inputs) {
            if (input != null && input.requiresGrad()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Runs one block x → y. In inference its intermediate results and x itself (when this pass's scope owns it) are freed as soon as y is
     * there, so a deep model needs the memory of one block.
     */
    public Var block(Var x, BiFunction<Pass, Var, Var> body) {
        return replace(x, branch(x, body));
    }

    /** Runs one block x → y of an x that is needed again afterwards; otherwise like {@link #block}. */
    public Var branch(Var x, BiFunction<Pass, Var, Var> body) {
        if (tape != null) {
            return recompute ? recomputed(x, body) : body.apply(this, x);
        }
        try (TensorScope inner = scope.child()) {
            Var y = body.apply(new Pass(ops, inner, null, false, observer), x);
            inner.transfer(y.value(), scope);
            return y;
        }
    }

    /** Says that y comes in x's place: in inference x is freed, when this pass's scope owns it. Returns y. */
    public Var replace(Var x, Var y) {
        if (tape == null && scope.owns(x.value())) {
            scope.release(x.value());
        }
        return y;
    }

    private Var recomputed(Var x, BiFunction<Pass, Var, Var> body) {
        Var out;
        try (TensorScope inner = scope.child()) {
            // Recorded to learn whether the result has a gradient, and forgotten.
            Var y = body.apply(new Pass(ops, inner, new Tape(), false, observer), x);
            inner.transfer(y.value(), scope);
            out = Var.computed(y.value(), y.requiresGrad());
        }
        if (out.requiresGrad()) {
            tape.record(out, () -> {
                try (TensorScope inner = scope.child()) {
                    Tape again = tape.again();
                    Var y = body.apply(new Pass(ops, inner, again, false, null), x);
                    y.seed(out.grad());
                    again.backward();
                    tape.move(x.grad(), inner, scope);
                }
            }, scope, out.value());
        }
        return out;
    }
}
