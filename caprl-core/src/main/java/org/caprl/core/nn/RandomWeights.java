package org.caprl.core.nn;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/**
 * Fresh weights: norm weights 1, biases 0, matrices normal with a standard deviation ({@code initializer_range}), each drawn from the
 * seed and the weight's name, so that they do not depend on the order of layers.
 */
public final class RandomWeights implements WeightSource {
    private final long seed;
    private final double deviation;

    /** Weights by seed. */
    public RandomWeights(long seed, double deviation) {
        this.seed = seed;
        this.deviation = deviation;
    }

    @Override
    public void fill(String name, Tensor target) {
        long n = target.size();
        boolean norm = target.rank() == 1 && name.endsWith("weight");
        boolean bias = name.endsWith("bias");
        boolean narrow = target.dtype() == DType.BF16;
        Random random = new Random(CounterRandom.key(seed, CounterRandom.hash(name)));
        target.write(elements -> {
            for (long i = 0; i < n; i++) {
                float value = norm ? 1f : bias ? 0f : (float) (random.nextGaussian() * deviation);
                if (narrow) {
                    elements.setAtIndex(ValueLayout.JAVA_SHORT, i, BFloat16.fromFloat(value));
                } else {
                    elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                }
            }
        });
    }

    @Override
    public boolean has(String name) {
        return true;
    }
}
