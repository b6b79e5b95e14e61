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
    private final Settings settings;

    /** What a pass hands on to the passes of its blocks. */
    private record Settings(boolean recompute, boolean adapters, Dropout dropout, BiConsumer<String, Tensor> observer) {
        private static final Settings DEFAULT = new Settings(false, true, null, null);
    }

    private Pass(TensorOps ops, TensorScope scope, Tape tape, Settings settings) {
        this.ops = ops;
        this.scope = scope;
        this.tape = tape;
        this.settings = settings;
    }

    /** A pass that keeps nothing for gradients. */
    public static Pass inference(TensorOps ops, TensorScope scope) {
        return new Pass(ops, scope, null, Settings.DEFAULT);
    }

    /** A pass that records on {@code tape}; activations stay in {@code scope} until backward is done with them. */
    public static Pass training(TensorOps ops, TensorScope scope, Tape tape) {
        return new Pass(ops, scope, tape, Settings.DEFAULT);
    }

    /**
     * The same pass, keeping of each {@link #block} its input only: backward computes the block again, and so needs the activations of one
     * block at a time for about a third more arithmetic. The gradients are the same bits (Chen et al., arXiv 1604.06174).
     */
    public Pass recomputingBlocks() {
        return with(new Settings(true, settings.adapters, settings.dropout, settings.observer));
    }

    /** The same pass through the base model: low-rank adapters are left out ({@code disable_adapter} of peft). */
    public Pass withoutAdapters() {
        return with(new Settings(settings.recompute, false, settings.dropout, settings.observer));
    }

    /** The same pass with dropout in front of the adapters that have it. Without this call nothing is dropped. */
    public Pass droppingOut(Dropout dropout) {
        return with(new Settings(settings.recompute, settings.adapters, dropout, settings.observer));
    }

    /** The same pass for layers over some of its rows, int32 [R]: dropout goes by the rows' numbers. */
    public Pass overRows(Tensor index) {
        Dropout all = settings.dropout;
        return all == null ? this : droppingOut(new Dropout(all.key(), all.before(), all.rows(), index));
    }

    /** The same pass, telling {@code observer} each value that the model names with {@link #observe}. */
    public Pass observedBy(BiConsumer<String, Tensor> listener) {
        return with(new Settings(settings.recompute, settings.adapters, settings.dropout, listener));
    }

    private Pass with(Settings changed) {
        return new Pass(ops, scope, tape, changed);
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

    /** Whether low-rank adapters take part. */
    public boolean adapters() {
        return settings.adapters;
    }

    /** Of what is dropped in this pass, or null where nothing is. */
    public Dropout dropout() {
        return settings.dropout;
    }

    /** Names a value for whoever looks into the model (comparison with golden data); costs nothing otherwise. */
    public void observe(String name, Var value) {
        if (settings.observer != null) {
            settings.observer.accept(name, value.value());
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
     * there, so a deep model needs the memory of one block. So are those of a block in training that nothing is differentiated through:
     * a frozen vision tower takes no more memory than in inference.
     */
    public Var block(Var x, BiFunction<Pass, Var, Var> body) {
        return replace(x, branch(x, body));
    }

    /** Runs one block x → y of an x that is needed again afterwards; otherwise like {@link #block}. */
    public Var branch(Var x, BiFunction<Pass, Var, Var> body) {
        if (tape != null) {
            if (x.requiresGrad() && !settings.recompute) {
                return body.apply(this, x);
            }
            return settings.recompute ? recomputed(x, body) : perhapsFrozen(x, body);
        }
        try (TensorScope inner = scope.child()) {
            Var y = body.apply(new Pass(ops, inner, null, settings), x);
            inner.transfer(y.value(), scope);
            return y;
        }
    }

    private Var perhapsFrozen(Var x, BiFunction<Pass, Var, Var> body) {
        TensorScope inner = scope.childWithin();
        Var y = body.apply(new Pass(ops, inner, tape, settings), x);
        if (!y.requiresGrad()) {
            inner.transfer(y.value(), scope);
            inner.close();
        }
        return y;
    }

    /**
     * Says that y comes in x's place: x is freed when this pass's scope owns it and nobody reads it again, as in inference or where
     * nothing is differentiated. Returns y.
     */
    public Var replace(Var x, Var y) {
        boolean read = tape != null && (y.requiresGrad() || tape.reads(x.value()));
        if (!read && scope.owns(x.value())) {
            scope.release(x.value());
        }
        return y;
    }

    private Var recomputed(Var x, BiFunction<Pass, Var, Var> body) {
        Settings once = new Settings(false, settings.adapters, settings.dropout, settings.observer);
        Settings unobserved = new Settings(false, settings.adapters, settings.dropout, null);
        Var out;
        try (TensorScope inner = scope.child()) {
            // Recorded to learn whether the result has a gradient, and forgotten.
            Var y = body.apply(new Pass(ops, inner, new Tape(), once), x);
            inner.transfer(y.value(), scope);
            out = Var.computed(y.value(), y.requiresGrad());
        }
        if (out.requiresGrad()) {
            tape.reading(x);
            tape.record(out, () -> {
                try (TensorScope inner = scope.child()) {
                    Tape again = tape.again();
                    Var y = body.apply(new Pass(ops, inner, again, unobserved), x);
                    y.seed(out.grad());
                    again.backward();
                    tape.move(x.grad(), inner, scope);
                }
            }, scope, out.value());
        }
        return out;
    }
}
