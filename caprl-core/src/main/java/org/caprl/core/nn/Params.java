package org.caprl.core.nn;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.caprl.core.autograd.Var;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * The named weights of a model, in the order in which it was built. Names are those of the checkpoint's tensors.
 *
 * <p>A model may have low-rank adapters beside its weights. Then they alone are trained, and the weights, frozen, may be bfloat16.
 */
public final class Params implements AutoCloseable {
    private final TensorScope scope;
    private final WeightSource source;
    private final WeightType type;
    private final Adapters adapters;
    private final Map<String, Var> byName = new LinkedHashMap<>();
    private final Map<String, Var> adapterByName = new LinkedHashMap<>();
    private final Map<String, LoraAdapter> adapterByLayer = new LinkedHashMap<>();
    private final Set<String> linearLayers = new LinkedHashSet<>();
    private TensorScope gradients;

    /** Float32 weights in memory of {@code ops}, filled from {@code source} as they are asked for. */
    public Params(TensorOps ops, WeightSource source) {
        this(ops, source, WeightType.FLOAT32);
    }

    /** Weights in memory of {@code ops}, filled from {@code source} as they are asked for. */
    public Params(TensorOps ops, WeightSource source, WeightType type) {
        this(ops, source, type, null);
    }

    /**
     * Weights and adapters.
     *
     * @param adapters which linear layers have one, and its numbers; null for none
     */
    public Params(TensorOps ops, WeightSource source, WeightType type, Adapters adapters) {
        this.scope = new TensorScope(ops.memory(), MemoryOwner.WEIGHTS);
        this.source = source;
        this.type = type;
        this.adapters = adapters;
    }

    /** A weight of this shape, made and filled at the first call. */
    public Var weight(String name, int... shape) {
        return byName.computeIfAbsent(name, n -> filled(source, n, type.of(shape), shape));
    }

    private Var filled(WeightSource from, String name, DType dtype, int... shape) {
        Tensor value = scope.allocate(dtype, shape);
        from.fill(name, value);
        value.markWritten();
        return Var.parameter(value);
    }

    /** The adapter of a linear layer, made and filled at the first call; null where the layer has none. */
    LoraAdapter adapter(String layer, int in, int out) {
        linearLayers.add(layer);
        if (adapters == null || !adapters.layers().test(layer)) {
            return null;
        }
        return adapterByLayer.computeIfAbsent(layer, name -> {
            LoraSettings s = adapters.settings();
            Var a = filled(adapters.weights(), Adapters.nameOfA(name), DType.F32, s.r(), in);
            Var b = filled(adapters.weights(), Adapters.nameOfB(name), DType.F32, out, s.r());
            adapterByName.put(Adapters.nameOfA(name), a);
            adapterByName.put(Adapters.nameOfB(name), b);
            return new LoraAdapter(a, b, s.scaling(), (float) s.dropout(), CounterRandom.hash(name));
        });
    }

    /** What the adapters are like, or null where the model has none. */
    public LoraSettings lora() {
        return adapters == null ? null : adapters.settings();
    }

    /** Names of the linear layers: those that can have an adapter. */
    public Set<String> linearLayers() {
        return Collections.unmodifiableSet(linearLayers);
    }

    /** The weights of all adapters by name, see {@link Adapters}. */
    public Map<String, Var> adapterWeights() {
        return Collections.unmodifiableMap(adapterByName);
    }

    /** What is trained: the adapters' weights where there are adapters, else every weight. */
    public Map<String, Var> trainable() {
        return adapters == null ? all() : adapterWeights();
    }

    /** Every name with its weight, without adapters. */
    public Map<String, Var> all() {
        return Collections.unmodifiableMap(byName);
    }

    /** Every weight, without adapters. */
    public Collection<Var> values() {
        return all().values();
    }

    /** The weight of this name, or null. */
    public Var get(String name) {
        return byName.get(name);
    }

    /** Number of elements of all weights, without adapters. */
    public long count() {
        return values().stream().mapToLong(v -> v.value().size()).sum();
    }

    /** Bytes of all weights, without adapters. */
    public long bytes() {
        return values().stream().mapToLong(v -> v.value().byteSize()).sum();
    }

    /** Number of elements that are trained. */
    public long trainableCount() {
        return trainable().values().stream().mapToLong(v -> v.value().size()).sum();
    }

    /**
     * Overwrites every weight by that of another model of the same shapes, converted where the types differ, and every adapter's.
     *
     * @param ops computes in the memory of both
     */
    public void copyFrom(Params other, TensorOps ops) {
        copy(other.byName, byName, ops);
        copy(other.adapterByName, adapterByName, ops);
    }

    private static void copy(Map<String, Var> from, Map<String, Var> to, TensorOps ops) {
        to.forEach((name, weight) -> {
            ops.copy(from.get(name).value(), weight.value());
            weight.value().markWritten();
        });
    }

    /**
     * Gives everything that is {@link #trainable()} a gradient of zeros, once.
     *
     * @throws IllegalStateException for bfloat16 weights without adapters: an update is far smaller than the distance between two of them
     */
    public void train() {
        if (gradients != null) {
            return;
        }
        if (type != WeightType.FLOAT32 && adapters == null) {
            throw new IllegalStateException("weights in " + type + " can't be trained; load the model in " + WeightType.FLOAT32
                    + ", or train adapters");
        }
        gradients = scope.child(MemoryOwner.GRADIENTS);
        for (Var v : trainable().values()) {
            v.trainWith(gradients.zeros(DType.F32, v.value().shape()));
        }
    }

    /** Sets all gradients to zero. */
    public void zeroGradients(TensorOps ops) {
        for (Var v : trainable().values()) {
            if (v.grad() != null) {
                ops.fill(v.grad(), 0f);
            }
        }
    }

    /** Frees weights, adapters and gradients. */
    @Override
    public void close() {
        if (gradients != null) {
            gradients.close();
        }
        scope.close();
    }
}
