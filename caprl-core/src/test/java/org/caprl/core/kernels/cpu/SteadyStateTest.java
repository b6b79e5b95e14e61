package org.caprl.core.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoding step leaves nothing to the garbage collector, on any thread of the team, whatever ran before: what the compiler makes of a
 * kernel hangs on the callers and sizes that it has seen.
 */
class SteadyStateTest {
    private static final int D = 64;
    private static final int FFN = 192;
    private static final int VOCABULARY = 700;
    private static final int HEAD = 16;

    @BeforeAll
    static void otherKernelsRan() {
        CpuOpsTest other = new CpuOpsTest();
        other.products(65, 96, 130);
        other.elements(33, 64);
        other.norms(200, 100);
        other.attention(16, 4, 2, 33);
        other.attention(64, 2, 1, 90);
        other.sampling(500);
        new SameBitsTest().decodingAttendsAsTheFullPassDoes(20, 3, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64})
    void decodingAllocatesNothing(int m) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (CpuOps ops = new CpuOps(2); TensorScope scope = new TensorScope(ops.memory())) {
            Runnable step = step(ops, scope, m);
            Thread[] workers = ops.workers();
            long bytes = Long.MAX_VALUE;
            // Kernels allocate until they are compiled, which takes some thousand calls.
            for (int batch = 0; batch < 400 && bytes != 0; batch++) {
                long before = allocated(threads, workers);
                for (int i = 0; i < 200; i++) {
                    step.run();
                }
                bytes = allocated(threads, workers) - before;
            }
            assertEquals(0, bytes, "bytes in 200 steps");
        }
    }

    private static long allocated(ThreadMXBean threads, Thread[] workers) {
        long bytes = 0;
        for (Thread worker : workers) {
            bytes += threads.getThreadAllocatedBytes(worker.threadId());
        }
        return bytes + threads.getCurrentThreadAllocatedBytes();
    }

    private static Runnable step(CpuOps ops, TensorScope scope, int m) {
        Tensor table = scope.zeros(DType.F32, VOCABULARY, D);
        Tensor ids = scope.zeros(DType.I32, m);
        Tensor x = scope.floats(m, D);
        Tensor normed = scope.floats(m, D);
        Tensor norm = scope.zeros(DType.F32, D);
        ops.fill(norm, 1);
        ops.fill(table, 0.01f);
        Tensor wq = scope.zeros(DType.F32, D, D);
        Tensor q = scope.floats(m, D);
        Tensor k = scope.floats(m, D);
        Tensor cache = scope.zeros(DType.F32, 50 * m, D);
        Tensor slots = scope.allocate(DType.I32, m);
        AttentionPlan plan = new AttentionPlan();
        for (int i = 0; i < m; i++) {
            slots.segment().setAtIndex(ValueLayout.JAVA_INT, i, 50 * i + 49);
        }
        Tensor positions = scope.zeros(DType.I32, 1, m);
        RotarySpec spec = new RotarySpec(new float[] {1, 0.5f, 0.2f, 0.1f, 0.05f, 0.02f, 0.01f, 0.001f}, new int[8], 1);
        Tensor cos = scope.floats(m, HEAD / 2);
        Tensor sin = scope.floats(m, HEAD / 2);
        Tensor wGate = scope.zeros(DType.F32, FFN, D);
        Tensor bias = scope.zeros(DType.F32, FFN);
        Tensor gate = scope.floats(m, FFN);
        Tensor logits = scope.floats(m, VOCABULARY);
        Tensor logProbs = scope.floats(m, 3);
        SamplingRows rows = new SamplingRows(m);
        for (int i = 0; i < m; i++) {
            rows.temperature[i] = i % 3 * 0.5f;
            rows.topP[i] = i % 2 == 0 ? 1 : 0.9f;
            rows.topK[i] = i % 4 == 0 ? 20 : 0;
        }
        return () -> {
            ops.gatherRows(table, ids, x);
            ops.rotaryTable(positions, spec, cos, sin);
            ops.rmsNorm(x, norm, 1e-6f, normed, null);
            ops.linear(normed, wq, null, q);
            ops.linear(normed, wq, null, k);
            ops.rotary(q, cos, sin, false, q);
            ops.scatterRows(k, slots, cache);
            plan.clear();
            for (int i = 0; i < m; i++) {
                plan.queries(i, i + 1).keys(50 * i, 50 * i + 20).keys(50 * i + 21, 50 * i + 50).causal();
            }
            ops.attention(q, cache, cache, plan, HEAD, 0.25f, normed, null);
            ops.add(x, normed, x);
            ops.linear(x, wGate, bias, gate);
            ops.swiglu(gate, gate, gate);
            ops.linear(x, table, null, logits);
            ops.sample(logits, rows, ids, logProbs);
        };
    }
}
