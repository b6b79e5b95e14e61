package org.caprl.core.kernels.cpu;

import java.util.concurrent.TimeUnit;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Linear layers on one thread: the backend's choice of kernel, beside oneDNN's matmul on the same rows and unpacked weights. The weights
 * are those of many layers in turn, 16 MB, as a decoding step reads them, so that a single one is not in the nearest cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class ProductBenchmark {
    private static final long WEIGHT_BYTES = 16L << 20;

    /** rows x outputs x inputs. */
    @Param({"1x256x256", "1x768x256", "8x768x256", "32x768x256", "64x768x256", "256x768x256", "512x1024x1024", "1x4864x896"})
    public String shape;

    private int rows;
    private int outputs;
    private int inputs;
    private CpuOps ops;
    private DnnlProducts dnnl;
    private TensorScope scope;
    private Tensor[] weights;
    private Tensor[] halves;
    private Tensor x;
    private Tensor y;
    private int turn;

    /** Fills the matrices. */
    @Setup
    public void fill() {
        String[] sizes = shape.split("x");
        rows = Integer.parseInt(sizes[0]);
        outputs = Integer.parseInt(sizes[1]);
        inputs = Integer.parseInt(sizes[2]);
        ops = new CpuOps(1);
        dnnl = new DnnlProducts();
        scope = new TensorScope(ops.memory());
        x = scope.floats(rows, inputs);
        ops.fill(x, 0.5f);
        y = scope.floats(rows, outputs);
        weights = new Tensor[(int) Math.max(1, WEIGHT_BYTES / 4 / outputs / inputs)];
        halves = new Tensor[weights.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = scope.floats(outputs, inputs);
            halves[i] = scope.allocate(DType.BF16, outputs, inputs);
            ops.fill(weights[i], 1f / (i + 1));
            ops.copy(weights[i], halves[i]);
            // Panels are made when a weight is used for the second time.
            for (int use = 0; use < 2; use++) {
                ops.linear(x, weights[i], null, y);
                ops.linear(x, halves[i], null, y);
            }
        }
    }

    /** Float32 weights. */
    @Benchmark
    public void backend(Rate rate) {
        ops.linear(x, next(weights), null, y);
        count(rate, Float.BYTES);
    }

    /** bfloat16 weights. */
    @Benchmark
    public void backendBf16(Rate rate) {
        ops.linear(x, next(halves), null, y);
        count(rate, Short.BYTES);
    }

    /** oneDNN's matmul, float32. */
    @Benchmark
    public void oneDnn(Rate rate) {
        dnnl.multiply(rows, outputs, inputs, Lanes.address(x), inputs, 1, Lanes.address(next(weights)), 1, inputs, Dnnl.F32,
                Lanes.address(y), outputs, false);
        count(rate, Float.BYTES);
    }

    private Tensor next(Tensor[] of) {
        turn = (turn + 1) % of.length;
        return of[turn];
    }

    private void count(Rate rate, int weightBytes) {
        rate.gflops += 2e-9 * rows * outputs * inputs;
        rate.gbytes += 1e-9 * (4.0 * rows * (outputs + inputs) + (double) weightBytes * outputs * inputs);
    }

    /** Frees the matrices. */
    @TearDown
    public void close() {
        scope.close();
        dnnl.close();
        ops.close();
    }
}
