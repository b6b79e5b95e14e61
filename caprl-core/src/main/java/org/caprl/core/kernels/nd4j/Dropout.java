package org.caprl.core.kernels.nd4j;

import java.util.Arrays;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Dropout by counters. ND4J has no such generator: the mask is drawn on the host and goes to the device in one copy; numbers of rows come
 * back in another.
 */
final class Dropout {
    private final Nd4jMemory memory;

    Dropout(Nd4jMemory memory) {
        this.memory = memory;
    }

    void apply(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        int count = x.dim(0);
        int columns = x.dim(1);
        int[] numbers = new int[count];
        if (rows == null) {
            Arrays.setAll(numbers, row -> row);
        } else {
            rows.read(numbers, count);
        }
        float[] factors = new float[Math.multiplyExact(count, columns)];
        float scale = 1f / (1f - rate);
        for (int row = 0; row < count; row++) {
            long rowKey = CounterRandom.with(key, firstRow + numbers[row]);
            for (int column = 0; column < columns; column++) {
                factors[row * columns + column] = CounterRandom.uniform(rowKey, column) >= rate ? scale : 0f;
            }
        }
        memory.countIn();
        Nd.of(x).mul(Nd4j.createFromArray(factors).reshape(count, columns), Nd.of(y));
    }
}
