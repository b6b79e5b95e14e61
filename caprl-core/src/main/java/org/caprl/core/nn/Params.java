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
    private final Map<String, Var> byName = new LinkedHashMap<>();
    private TensorScope gradients;

    /** Weights in memory of {@code ops}, filled from {@code source} as they are asked for. */
    public Params(TensorOps ops, WeightSource source) {
        this.scope = new TensorScope(ops.memory(), MemoryOwner.WEIGHTS);
        this.source = source;
    }

    /** A weight of this shape, made and filled at the first call. */
    public Var weight(String name, int... shape) {
        Var known = byName.get(name);
        if (known == null) {
            Tensor value = scope.allocate(DType.F32, shape);
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

    /** Gives every weight a gradient of zeros, once. */
    public void train() {
        if (gradients != null) {
            return;
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
