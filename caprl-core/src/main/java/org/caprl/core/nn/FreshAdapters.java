package org.caprl.core.nn;

import java.lang.foreign.ValueLayout;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Tensor;

/** As peft begins: A uniform in ±1/√in ({@code kaiming_uniform_} with a = √5), drawn from the seed and the weight's name; B zero. */
final class FreshAdapters implements WeightSource {
    private static final long PURPOSE = CounterRandom.hash("lora");

    private final long seed;

    FreshAdapters(long seed) {
        this.seed = seed;
    }

    @Override
    public void fill(String name, Tensor target) {
        if (name.endsWith(Adapters.B)) {
            target.write(elements -> elements.fill((byte) 0));
            return;
        }
        long key = CounterRandom.key(seed, PURPOSE, CounterRandom.hash(name));
        double bound = 1 / Math.sqrt(target.columns());
        long n = target.size();
        target.write(elements -> {
            for (long i = 0; i < n; i++) {
                elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) ((2 * CounterRandom.uniform(key, i) - 1) * bound));
            }
        });
    }

    @Override
    public boolean has(String name) {
        return true;
    }
}
