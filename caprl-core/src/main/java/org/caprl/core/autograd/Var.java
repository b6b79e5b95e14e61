package org.caprl.core.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.caprl.core.tensor.Tensor;

/**
 * A tensor in a computation and, while training, the gradient of the loss with respect to it.
 *
 * <p>A parameter's gradient is kept from micro-batch to micro-batch and added to; the gradient of an activation lives until its backward
 * has run.
 */
public final class Var {
    private final Tensor value;
    private final boolean parameter;
    private boolean requiresGrad;
    private Tensor grad;
    private boolean gradShared;
    private boolean seeded;
    private List<Consumer<Tensor>> views = List.of();

    private Var(Tensor value, boolean parameter, boolean requiresGrad) {
        this.value = value;
        this.parameter = parameter;
        this.requiresGrad = requiresGrad;
    }

    /** A value without gradient: an input, a mask, pixels. */
    public static Var constant(Tensor value) {
        return new Var(value, false, false);
    }

    /** A weight; frozen until it is given a gradient by {@link #trainWith}. */
    public static Var parameter(Tensor value) {
        return new Var(value, true, false);
    }

    static Var computed(Tensor value, boolean requiresGrad) {
        return new Var(value, false, requiresGrad);
    }

    /** The value. */
    public Tensor value() {
        return value;
    }

    /** Whether the loss is differentiated with respect to it. */
    public boolean requiresGrad() {
        return requiresGrad;
    }

    /** The gradient so far, or null while there is none. */
    public Tensor grad() {
        return grad;
    }

    /** Makes a parameter trainable: gradients are added to {@code gradient}, which has the value's shape. Null freezes it again. */
    public void trainWith(Tensor gradient) {
        if (!parameter) {
            throw new IllegalStateException("only parameters have a gradient that is kept");
        }
        if (gradient != null && !gradient.sameShape(value)) {
            throw new IllegalArgumentException("gradient " + gradient + " for a parameter " + value);
        }
        grad = gradient;
        requiresGrad = gradient != null;
        views.forEach(view -> view.accept(gradient));
    }

    /** Rows of a parameter as a parameter of its own: value and gradient are views (a fused qkv weight is three). */
    public Var rows(int from, int to) {
        return view(t -> t.rows(from, to));
    }

    /** The same parameter in another shape, sharing memory (a convolution's kernel as a matrix). */
    public Var reshape(int... shape) {
        return view(t -> t.reshape(shape));
    }

    private Var view(UnaryOperator<Tensor> map) {
        if (!parameter) {
            throw new IllegalStateException("views are for parameters; use Fn for activations");
        }
        Var view = Var.parameter(map.apply(value));
        views = new ArrayList<>(views);
        views.add(v -> view.trainWith(v == null ? null : map.apply(v)));
        view.trainWith(grad == null ? null : map.apply(grad));
        return view;
    }

    /**
     * Sets the gradient where the loss begins.
     *
     * @param gradient d loss / d value, of the value's shape
     */
    public void seed(Tensor gradient) {
        grad = gradient;
        gradShared = true;
        seeded = true;
    }

    /** Whether the gradient was set from outside, who then may read value and gradient after backward. */
    boolean seeded() {
        return seeded;
    }

    /**
     * Adds to the gradient.
     *
     * @param shared whether {@code delta} is also another value's gradient: it is never written then. Otherwise it was allocated in the
     *         pass's scope for this call, and is kept or released
     */
    void accumulate(Pass pass, Tensor delta, boolean shared) {
        if (requiresGrad && !parameter && grad == null) {
            keep(pass, delta, shared);
            return;
        }
        if (requiresGrad && !parameter && gradShared) {
            Tensor sum = pass.scope().floats(grad.shape());
            pass.ops().add(grad, delta, sum);
            pass.tape().drop(grad);
            keep(pass, sum, false);
        } else if (requiresGrad) {
            pass.ops().add(grad, delta, grad);
        }
        if (!shared) {
            pass.scope().release(delta);
        }
    }

    private void keep(Pass pass, Tensor gradient, boolean shared) {
        pass.tape().hold(gradient, pass.scope());
        grad = gradient;
        gradShared = shared;
    }

    /** Gives the gradient of an activation up, after its backward. */
    void forget(Tape tape) {
        if (grad != null) {
            tape.drop(grad);
            grad = null;
        }
    }

    /** True when a gradient is there that an operation may add to in place. */
    boolean hasOwnGrad() {
        return grad != null && !gradShared;
    }
}
