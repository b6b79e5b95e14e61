package org.caprl.core.kernels.nd4j;

import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The numbers 0, 1, 2, … on the device, made there once and grown by doubling. */
final class Counting implements AutoCloseable {
    private final Map<DataType, INDArray> numbers = new EnumMap<>(DataType.class);

    /** 0 to n - 1, shape [n]; not to be written. */
    INDArray upTo(long n, DataType type) {
        INDArray known = numbers.get(type);
        if (known == null || known.length() < n) {
            try (MemoryWorkspace _ = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                long size = Long.highestOneBit(Math.max(n, 64) - 1) * 2;
                INDArray grown = Nd4j.linspace(0, size - 1, size, DataType.DOUBLE).castTo(type);
                if (known != null) {
                    known.close();
                }
                numbers.put(type, grown);
                known = grown;
            }
        }
        return known.length() == n ? known : known.get(NDArrayIndex.interval(0, n));
    }

    @Override
    public void close() {
        numbers.values().forEach(INDArray::close);
        numbers.clear();
    }
}
