package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import org.caprl.core.tensor.AdamWStep;
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

/** What memory allows on one thread: only reading, and operations that do little more than move elements. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class MemoryBenchmark {
    private static final int WIDTH = 256;
    private static final AdamWStep STEP = new AdamWStep(1e-6, 0.9, 0.999, 1e-8, 0.01, 1, 1);

    /** Of each array: 512 kB stay in the second cache, 16 MB in the third of many processors, 256 MB in none. */
    @Param({"512", "16384", "262144"})
    public int kilobytes;

    private CpuOps ops;
    private TensorScope scope;
    private Tensor a;
    private Tensor b;
    private Tensor c;
    private Tensor d;
    private Tensor norm;
    private double gigabytes;

    /** Fills the arrays. */
    @Setup
    public void fill() {
        ops = new CpuOps(1);
        scope = new TensorScope(ops.memory());
        a = filled();
        b = filled();
        c = filled();
        d = filled();
        norm = scope.floats(WIDTH);
        ops.fill(norm, 1f);
        gigabytes = a.byteSize() / 1e9;
    }

    private Tensor filled() {
        Tensor t = scope.floats(kilobytes, WIDTH);
        ops.fill(t, 0.5f);
        return t;
    }

    /** Eight sums over the array. */
    @Benchmark
    public float read(Rate rate) {
        rate.gbytes += gigabytes;
        long at = Lanes.address(a);
        long end = at + a.byteSize();
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        while (at != end) {
            s0 = s0.add(FloatVector.fromMemorySegment(S, ALL, at, ORDER));
            s1 = s1.add(FloatVector.fromMemorySegment(S, ALL, at + Lanes.VB, ORDER));
            s2 = s2.add(FloatVector.fromMemorySegment(S, ALL, at + 2 * Lanes.VB, ORDER));
            s3 = s3.add(FloatVector.fromMemorySegment(S, ALL, at + 3 * Lanes.VB, ORDER));
            at += 4 * Lanes.VB;
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3)));
    }

    /** One array read, one written. */
    @Benchmark
    public void copy(Rate rate) {
        ops.copy(a, b);
        rate.gbytes += 2 * gigabytes;
    }

    /** Two read, one written. */
    @Benchmark
    public void swiglu(Rate rate) {
        ops.swiglu(a, b, c);
        rate.gbytes += 3 * gigabytes;
    }

    /** One read, one written. */
    @Benchmark
    public void rmsNorm(Rate rate) {
        ops.rmsNorm(a, norm, 1e-6f, b, null);
        rate.gbytes += 2 * gigabytes;
    }

    /** Four read, three written. */
    @Benchmark
    public void adamW(Rate rate) {
        ops.adamW(a, b, c, d, STEP);
        rate.gbytes += 7 * gigabytes;
    }

    /** Frees the arrays. */
    @TearDown
    public void close() {
        scope.close();
        ops.close();
    }
}
