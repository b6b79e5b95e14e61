package org.caprl.core.model.load;

import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.Tensor;

/** Knows which weights there are and fills none: for a model without its numbers. */
record Unfilled(WeightSource weights) implements WeightSource {
    @Override
    public void fill(String name, Tensor target) {
    }

    @Override
    public boolean has(String name) {
        return weights.has(name);
    }
}
