package org.caprl.core.kernels.nd4j;

import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.factory.Nd4j;

/** Dropout by counters. ND4J has no such generator: the mask is drawn on the host and goes to the device in one copy. */
final class Dropout {
    private final Nd4jMemory memory;

    Dropout(Nd4jMemory memory) {
        this.memory = memory;
    }

    void apply(Tensor x, long key, long firstRow, float rate, Tensor y) {
        int rows = x.dim(0);
        int columns = x.dim(1);
        float[] factors = new float[Math.multiplyExact(rows, columns)];
        float scale = 1f / (1f - rate);
        for (int row = 0; row < rows; row++) {
            long rowKey = CounterRandom.with(key, firstRow + row);
            for (int column = 0; column < columns; column++) {
                factors[row * columns + column] = CounterRandom.uniform(rowKey, column) >= rate ? scale : 0f;
            }
        }
        memory.countIn();
        Nd.of(x).mul(Nd4j.createFromArray(factors).reshape(rows, columns), Nd.of(y));
    }
}
