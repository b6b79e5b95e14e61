package org.caprl.core.kernels.cpu;

import java.util.concurrent.TimeUnit;
import org.caprl.core.tensor.AttentionPlan;
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

/** Attention on one thread, 8 heads of 32 columns over 2 of keys. Multiplications of hidden pairs are not counted. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class AttentionBenchmark {
    private static final int HEAD = 32;
    private static final int HEADS = 8;
    private static final int KV_HEADS = 2;

    /** Decoding of 1 or 32 rows over 96 keys each; 8 rows behind a shared prompt of 512; a sequence of 512; a group as trained on. */
    @Param({"decode1", "decode32", "decodeGroup", "sequence", "group"})
    public String work;

    private final AttentionPlan plan = new AttentionPlan();
    private CpuOps ops;
    private TensorScope scope;
    private Tensor q;
    private Tensor k;
    private Tensor v;
    private Tensor out;
    private Tensor lse;
    private Tensor dq;
    private Tensor dk;
    private Tensor dv;
    private double pairs;

    /** Makes the plan and the rows. */
    @Setup
    public void fill() {
        ops = new CpuOps(1);
        scope = new TensorScope(ops.memory());
        int queries = 0;
        int keys = 0;
        switch (work) {
            case "decode1", "decode32" -> {
                int rows = work.equals("decode1") ? 1 : 32;
                for (int i = 0; i < rows; i++) {
                    plan.queries(i, i + 1).keys(96 * i, 96 * i + 96);
                }
                queries = rows;
                keys = 96 * rows;
                pairs = 96 * rows;
            }
            case "decodeGroup" -> {
                for (int i = 0; i < 8; i++) {
                    plan.queries(i, i + 1).keys(0, 512).keys(512 + 32 * i, 544 + 32 * i);
                }
                queries = 8;
                keys = 512 + 8 * 32;
                pairs = 8 * 544;
            }
            case "sequence" -> {
                plan.queries(0, 512).keys(0, 512).causal();
                queries = 512;
                keys = 512;
                pairs = 512 * 513 / 2.0;
            }
            default -> {
                plan.queries(0, 512).keys(0, 512).causal();
                pairs = 512 * 513 / 2.0;
                for (int i = 0; i < 8; i++) {
                    int at = 512 + 64 * i;
                    plan.queries(at, at + 64).keys(0, 512).keys(at, at + 64).causal();
                    pairs += 64 * 512 + 64 * 65 / 2.0;
                }
                queries = 1024;
                keys = 1024;
            }
        }
        q = filled(queries, HEADS);
        out = filled(queries, HEADS);
        dq = filled(queries, HEADS);
        k = filled(keys, KV_HEADS);
        v = filled(keys, KV_HEADS);
        dk = filled(keys, KV_HEADS);
        dv = filled(keys, KV_HEADS);
        lse = scope.floats(queries, HEADS);
    }

    private Tensor filled(int rows, int heads) {
        Tensor t = scope.floats(rows, heads * HEAD);
        ops.fill(t, 0.1f);
        return t;
    }

    /** Two products of each pair. */
    @Benchmark
    public void forward(Rate rate) {
        ops.attention(q, k, v, plan, HEAD, 0.2f, out, lse);
        rate.gflops += 1e-9 * 2 * 2 * pairs * HEADS * HEAD;
    }

    /** Five products of each pair. */
    @Benchmark
    public void backward(Rate rate) {
        ops.attentionBackward(out, q, k, v, out, lse, plan, HEAD, 0.2f, dq, dk, dv);
        rate.gflops += 1e-9 * 5 * 2 * pairs * HEADS * HEAD;
    }

    /** Frees the rows. */
    @TearDown
    public void close() {
        scope.close();
        ops.close();
    }
}
