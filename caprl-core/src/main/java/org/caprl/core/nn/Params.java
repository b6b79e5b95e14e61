package org.caprl.core.nn;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** The named weights of a model, in the order in which it was built. Names are those of the checkpoint's tensors. */
public final class Params implements AutoCloseable {
    private final TensorScope scope;
    private final WeightSource source;
    private final WeightType type;
    private final Map<String, Var> byName = new LinkedHashMap<>();
    private TensorScope gradients;

    /** Float32 weights in memory of {@code ops}, filled from {@code source} as they are asked for. */
    public Params(TensorOps ops, WeightSource source) {
        this(ops, source, WeightType.FLOAT32);
    }

    /** Weights in memory of {@code ops}, filled from {@code source} as they are asked for. */
    public Params(TensorOps ops, WeightSource source, WeightType type) {
        this.scope = new TensorScope(ops.memory(), MemoryOwner.WEIGHTS);
        this.source = source;
        this.type = type;
    }

    /** A weight of this shape, made and filled at the first call. */
    public Var weight(String name, int... shape) {
        Var known = byName.get(name);
        if (known == null) {
            Tensor value = scope.allocate(type.of(shape), shape);
            source.fill(name, value);
            value.markWritten();
            known = Var.parameter(value);
            byName.put(name, known);
        }
        return known;
    }

    /** Whether the source has such a weight. */
    public boolean has(String name) {
        return source.has(name);
    }

    /** Every name with its weight. */
    public Map<String, Var> all() {
        return Collections.unmodifiableMap(byName);
    }

    /** Every weight. */
    public Collection<Var> values() {
        return all().values();
    }

    /** The weight of this name, or null. */
    public Var get(String name) {
        return byName.get(name);
    }

    /** Number of elements of all weights. */
    public long count() {
        return byName.values().stream().mapToLong(v -> v.value().size()).sum();
    }

    /** Bytes of all weights. */
    public long bytes() {
        return byName.values().stream().mapToLong(v -> v.value().byteSize()).sum();
    }

    /**
     * Overwrites every weight by that of another model of the same shapes, converted where the types differ.
     *
     * @param ops computes in the memory of both
     */
    public void copyFrom(Params other, TensorOps ops) {
        byName.forEach((name, weight) -> {
            ops.copy(other.byName.get(name).value(), weight.value());
            weight.value().markWritten();
        });
    }

    /**
     * Gives every weight a gradient of zeros, once.
     *
     * @throws IllegalStateException for bfloat16 weights: an update is far smaller than the distance between two of them
     */
    public void train() {
        if (gradients != null) {
            return;
        }
        if (type != WeightType.FLOAT32) {
            throw new IllegalStateException("weights in " + type + " can't be trained; load the model in " + WeightType.FLOAT32);
        }
        gradients = scope.child(MemoryOwner.GRADIENTS);
        for (Var v : byName.values()) {
            v.trainWith(gradients.zeros(DType.F32, v.value().shape()));
        }
    }

    /** Sets all gradients to zero. */
    public void zeroGradients(TensorOps ops) {
        for (Var v : byName.values()) {
            if (v.grad() != null) {
                ops.fill(v.grad(), 0f);
            }
        }
    }

    /** Frees weights and gradients. */
    @Override
    public void close() {
        if (gradients != null) {
            gradients.close();
        }
        scope.close();
    }
}
