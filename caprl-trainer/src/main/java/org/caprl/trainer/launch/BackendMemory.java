package org.caprl.trainer.launch;

import java.util.List;
import java.util.function.ToLongFunction;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;

/** Memory of this JVM as metrics. */
final class BackendMemory {
    private BackendMemory() {
    }

    /**
     * Puts the most that each owner had since the last call, summed over backends, what their pools hold from the system, and what the
     * system counts.
     */
    static void put(StepMetrics.Builder metrics, List<TensorOps> backends) {
        for (MemoryOwner owner : MemoryOwner.values()) {
            metrics.put(MetricKey.memory(owner.key()), sum(backends, memory -> memory.peakBytes(owner)));
        }
        metrics.put(MetricKey.memory("native_peak"), sum(backends, Memory::peakBytes));
        metrics.put(MetricKey.memory("native_held"), sum(backends, Memory::bytesHeld));
        ResidentMemory.bytes().ifPresent(bytes -> metrics.put(MetricKey.memory("resident"), bytes));
        backends.forEach(ops -> ops.memory().resetPeak());
    }

    private static long sum(List<TensorOps> backends, ToLongFunction<Memory> bytes) {
        return backends.stream().map(TensorOps::memory).mapToLong(bytes).sum();
    }
}
