package org.caprl.core.model.load;

import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** The weights of a base model, each with its adapter's scaling · B · A added ({@code merge_and_unload} of peft). */
final class MergedWeights implements WeightSource {
    private static final String WEIGHT = ".weight";

    private final WeightSource base;
    private final AdapterFolder adapter;
    private final TensorOps ops;

    MergedWeights(WeightSource base, AdapterFolder adapter, TensorOps ops) {
        this.base = base;
        this.adapter = adapter;
        this.ops = ops;
    }

    @Override
    public void fill(String name, Tensor target) {
        String layer = name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (layer.equals(name) || !adapter.adapts(layer)) {
            base.fill(name, target);
            return;
        }
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tensor sum = target.dtype() == DType.F32 ? target : scope.floats(target.shape());
            base.fill(name, sum);
            Tensor a = scope.floats(adapter.rank(), target.columns());
            Tensor b = scope.floats(target.rowCount(), adapter.rank());
            adapter.source().fill(Adapters.nameOfA(layer), a);
            adapter.source().fill(Adapters.nameOfB(layer), b);
            ops.scale(b, adapter.scaling(), b);
            ops.linearInputGrad(b, a, sum, true); // [out, in] += [out, r] · [r, in]
            if (sum != target) {
                ops.copy(sum, target);
            }
        }
    }

    @Override
    public boolean has(String name) {
        return base.has(name);
    }
}
