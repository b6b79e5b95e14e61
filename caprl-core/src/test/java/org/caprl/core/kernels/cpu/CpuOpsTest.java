package org.caprl.core.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.caprl.core.kernels.reference.ReferenceOps;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link CpuOps} on sizes at which its kernels change, against {@link ReferenceOps}. */
class CpuOpsTest {
    /** What an operation is given: seeded numbers, the same for both backends. */
    private record Bench(TensorOps ops, TensorScope scope, SplittableRandom random) {
        Tensor floats(int... shape) {
            Tensor t = scope.floats(shape);
            for (long i = 0; i < t.size(); i++) {
                t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextDouble() * 2 - 1));
            }
            return t;
        }

        Tensor half(int... shape) {
            Tensor t = scope.allocate(DType.BF16, shape);
            ops.copy(floats(shape), t);
            return t;
        }
    }

    private static void compare(double tolerance, Function<Bench, Tensor[]> operation) {
        for (int threads = 1; threads <= 3; threads += 2) {
            try (TensorOps reference = new ReferenceOps();
                    TensorOps cpu = new CpuOps(threads);
                    TensorScope expectedScope = new TensorScope(reference.memory());
                    TensorScope scope = new TensorScope(cpu.memory())) {
                Tensor[] expected = operation.apply(new Bench(reference, expectedScope, new SplittableRandom(7)));
                Tensor[] actual = operation.apply(new Bench(cpu, scope, new SplittableRandom(7)));
                for (int t = 0; t < expected.length; t++) {
                    near(expected[t], actual[t], tolerance, "output " + t + " with " + threads + " threads");
                }
            }
        }
    }

    private static void near(Tensor expected, Tensor actual, double tolerance, String what) {
        for (long i = 0; i < expected.size(); i++) {
            if (expected.dtype() == DType.I32) {
                assertEquals(expected.segment().getAtIndex(ValueLayout.JAVA_INT, i), actual.segment().getAtIndex(ValueLayout.JAVA_INT, i),
                        what + ", element " + i);
            } else {
                float e = expected.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
                assertEquals(e, actual.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i), tolerance * (1 + Math.abs(e)),
                        what + ", element " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,7,5", "2,64,64", "3,100,33", "5,129,300", "31,48,17", "64,65,96", "65,96,130", "300,80,70", "600,33,20", "4,30,1100"})
    void products(int m, int n, int k) {
        compare(1e-5, bench -> {
            Tensor x = bench.floats(m, k);
            Tensor w = bench.floats(n, k);
            Tensor half = bench.half(n, k);
            Tensor bias = bench.floats(n);
            Tensor dy = bench.floats(m, n);
            Tensor y1 = bench.floats(m, n);
            Tensor y2 = bench.floats(m, n);
            Tensor y3 = bench.floats(m, n);
            Tensor y4 = bench.floats(m, n);
            Tensor dx1 = bench.floats(m, k);
            Tensor dx2 = bench.floats(m, k);
            Tensor dx3 = bench.floats(m, k);
            Tensor dw = bench.floats(n, k);
            Tensor db = bench.floats(n);
            bench.ops.linear(x, w, null, y1);
            bench.ops.linear(x, w, bias, y2);
            bench.ops.linear(x, half, null, y3);
            bench.ops.linear(x, half, bias, y4);
            bench.ops.linearInputGrad(dy, w, dx1, false);
            bench.ops.linearInputGrad(dy, w, dx2, true);
            bench.ops.linearInputGrad(dy, half, dx3, true);
            bench.ops.linearWeightGrad(dy, x, dw, db);
            return new Tensor[] {y1, y2, y3, y4, dx1, dx2, dx3, dw, db};
        });
    }

    @Test
    void panelsFollowTheirWeight() {
        compare(1e-5, bench -> {
            Tensor x = bench.floats(6, 40);
            Tensor w = bench.floats(70, 40);
            Tensor y = bench.floats(6, 70);
            for (int i = 0; i < 3; i++) {
                bench.ops.linear(x, w, null, y);
            }
            bench.ops.scale(w, 2f, w);
            w.markWritten();
            Tensor y2 = bench.floats(6, 70);
            Tensor y3 = bench.floats(6, 70);
            bench.ops.linear(x, w, null, y2);
            bench.ops.linear(x, w, null, y3);
            return new Tensor[] {y, y2, y3};
        });
    }

    @ParameterizedTest
    @CsvSource({"1,3", "5,17", "33,64", "129,257"})
    void elements(int m, int n) {
        compare(2e-6, bench -> {
            Tensor a = bench.floats(m, n);
            Tensor b = bench.floats(m, n);
            bench.ops.scale(a, 6f, a);
            Tensor dy = bench.floats(m, n);
            Tensor[] y = new Tensor[11];
            for (int i = 0; i < y.length; i++) {
                y[i] = bench.floats(m, n);
            }
            bench.ops.add(a, b, y[0]);
            bench.ops.scale(a, 0.3f, y[1]);
            Tensor half = bench.half(m, n);
            bench.ops.copy(half, y[2]);
            bench.ops.fill(y[3], 2.5f);
            bench.ops.swiglu(a, b, y[4]);
            bench.ops.swigluBackward(dy, a, b, y[5], y[6]);
            bench.ops.gelu(a, Gelu.ERF, y[7]);
            bench.ops.gelu(a, Gelu.TANH, y[8]);
            bench.ops.geluBackward(dy, a, Gelu.ERF, y[9]);
            bench.ops.geluBackward(dy, a, Gelu.TANH, y[10]);
            return y;
        });
    }

    @ParameterizedTest
    @CsvSource({"1,5", "7,48", "200,100"})
    void norms(int m, int n) {
        compare(5e-6, bench -> {
            Tensor x = bench.floats(m, n);
            Tensor w = bench.floats(n);
            Tensor b = bench.floats(n);
            Tensor dy = bench.floats(m, n);
            Tensor y = bench.floats(m, n);
            Tensor r = bench.floats(m);
            Tensor dx = bench.floats(m, n);
            Tensor dw = bench.floats(n);
            bench.ops.rmsNorm(x, w, 1e-6f, y, r);
            bench.ops.rmsNormBackward(dy, x, w, r, dx, dw);
            Tensor ly = bench.floats(m, n);
            Tensor stats = bench.floats(m, 2);
            Tensor ldx = bench.floats(m, n);
            Tensor ldw = bench.floats(n);
            Tensor ldb = bench.floats(n);
            bench.ops.layerNorm(x, w, b, 1e-6f, ly, stats);
            bench.ops.layerNormBackward(dy, x, w, stats, ldx, ldw, ldb);
            return new Tensor[] {y, r, dx, dw, ly, stats, ldx, ldw, ldb};
        });
    }

    @ParameterizedTest
    @CsvSource({"3,6", "40,33", "300,64"})
    void rowMoves(int rows, int n) {
        compare(0, bench -> {
            Tensor x = bench.floats(rows, n);
            Tensor half = bench.half(rows, n);
            int[] picks = new int[2 * rows];
            int[] places = new int[rows];
            for (int i = 0; i < picks.length; i++) {
                picks[i] = (i * 7 + 3) % rows;
            }
            for (int i = 0; i < rows; i++) {
                places[i] = i % 5 == 4 ? -1 : rows - 1 - i;
            }
            Tensor y = bench.floats(2 * rows, n);
            Tensor y2 = bench.floats(2 * rows, n);
            Tensor y3 = bench.floats(rows, n);
            bench.ops.gatherRows(x, bench.scope.ints(picks), y);
            bench.ops.gatherRows(half, bench.scope.ints(picks), y2);
            bench.ops.scatterRows(x, bench.scope.ints(places), y3);
            return new Tensor[] {y, y2, y3};
        });
        compare(1e-6, bench -> {
            Tensor x = bench.floats(rows, n);
            Tensor y = bench.floats(3, n);
            int[] places = new int[rows];
            for (int i = 0; i < rows; i++) {
                places[i] = i * i % 3;
            }
            bench.ops.scatterAddRows(x, bench.scope.ints(places), y);
            return new Tensor[] {y};
        });
    }

    @ParameterizedTest
    @CsvSource({"4,2,1,5", "16,4,2,33", "24,4,4,17", "64,2,1,90"})
    void attention(int headDim, int heads, int kvHeads, int t) {
        compare(1e-5, bench -> {
            Tensor q = bench.floats(2 * t, heads * headDim);
            Tensor k = bench.floats(2 * t + 3, kvHeads * headDim);
            Tensor v = bench.floats(2 * t + 3, kvHeads * headDim);
            AttentionPlan plan = new AttentionPlan().queries(0, t).keys(0, t).causal()
                    .queries(t, t + 2).keys(3, t).keys(0, 2).keys(t, t + 2).causal()
                    .queries(t + 2, 2 * t).keys(1, 2).keys(t, 2 * t);
            Tensor out = bench.floats(2 * t, heads * headDim);
            Tensor lse = bench.floats(2 * t, heads);
            float scale = (float) (1 / Math.sqrt(headDim));
            bench.ops.attention(q, k, v, plan, headDim, scale, out, lse);
            Tensor dOut = bench.floats(2 * t, heads * headDim);
            Tensor dq = bench.floats(2 * t, heads * headDim);
            Tensor dk = bench.floats(2 * t + 3, kvHeads * headDim);
            Tensor dv = bench.floats(2 * t + 3, kvHeads * headDim);
            bench.ops.attentionBackward(dOut, q, k, v, out, lse, plan, headDim, scale, dq, dk, dv);
            Tensor positions = bench.scope.allocate(DType.I32, 2, 2 * t);
            for (int i = 0; i < positions.size(); i++) {
                positions.segment().setAtIndex(ValueLayout.JAVA_INT, i, i * 3 % 50);
            }
            float[] frequencies = new float[headDim / 2];
            int[] axis = new int[headDim / 2];
            for (int f = 0; f < axis.length; f++) {
                frequencies[f] = (float) Math.pow(100, -2.0 * f / headDim);
                axis[f] = f % 2;
            }
            Tensor cos = bench.floats(2 * t, headDim / 2);
            Tensor sin = bench.floats(2 * t, headDim / 2);
            bench.ops.rotaryTable(positions, new RotarySpec(frequencies, axis, 1.5f), cos, sin);
            Tensor turned = bench.floats(2 * t, heads * headDim);
            Tensor back = bench.floats(2 * t, heads * headDim);
            bench.ops.rotary(q, cos, sin, false, turned);
            bench.ops.rotary(q, cos, sin, true, back);
            return new Tensor[] {out, lse, dq, dk, dv, cos, sin, turned, back};
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 300})
    void head(int t) {
        compare(1e-5, bench -> {
            int vocabulary = 113;
            int d = 40;
            Tensor hidden = bench.floats(t, d);
            Tensor head = bench.floats(vocabulary, d);
            int[] targets = new int[t];
            for (int i = 0; i < t; i++) {
                targets[i] = i * 31 % vocabulary;
            }
            Tensor target = bench.scope.ints(targets);
            Tensor logProb = bench.floats(t);
            Tensor entropy = bench.floats(t);
            Tensor lse = bench.floats(t);
            bench.ops.selectedLogProbs(hidden, head, target, 0.7f, logProb, entropy, lse);
            Tensor dLogProb = bench.floats(t);
            Tensor dEntropy = bench.floats(t);
            Tensor dHidden = bench.floats(t, d);
            Tensor dHidden2 = bench.floats(t, d);
            Tensor dHead = bench.floats(vocabulary, d);
            bench.ops.selectedLogProbsBackward(hidden, head, target, 0.7f, entropy, lse, dLogProb, dEntropy, dHidden, dHead);
            bench.ops.selectedLogProbsBackward(hidden, head, target, 0.7f, entropy, lse, dLogProb, null, dHidden2, null);
            return new Tensor[] {logProb, entropy, lse, dHidden, dHidden2, dHead};
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 500, 3000})
    void sampling(int vocabulary) {
        compare(1e-5, bench -> {
            int n = 40;
            Tensor logits = bench.floats(n, vocabulary);
            bench.ops.scale(logits, 5f, logits);
            SamplingRows rows = new SamplingRows(n);
            for (int i = 0; i < n; i++) {
                rows.temperature[i] = i % 4 == 0 ? 0 : i % 4 * 0.5f;
                rows.topK[i] = i % 3 * 4;
                rows.topP[i] = i % 5 == 0 ? 1 : 0.6f + i % 5 * 0.08f;
                rows.minP[i] = i % 7 * 0.01f;
                rows.key[i] = 1000 + i;
                rows.counter[i] = i;
                if (i % 2 == 1) {
                    rows.repetitionPenalty[i] = 1.3f;
                    rows.seen[i] = new long[] {0x5555L, 1L << 63};
                }
            }
            Tensor ids = bench.scope.allocate(DType.I32, n);
            Tensor logProbs = bench.floats(n, 3);
            bench.ops.sample(logits, rows, ids, logProbs);
            return new Tensor[] {ids, logProbs};
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 1000, 20001})
    void update(int n) {
        compare(2e-6, bench -> {
            Tensor p = bench.floats(n);
            Tensor g = bench.floats(n);
            Tensor m = bench.floats(n);
            Tensor v = bench.floats(n);
            bench.ops.fill(m, 0);
            bench.ops.fill(v, 0);
            for (int step = 1; step < 4; step++) {
                bench.ops.adamW(p, g, m, v, new AdamWStep(1e-2, 0.9, 0.999, 1e-8, 0.1, step, 0.5));
            }
            Tensor norm = bench.scope.floatsOf(new float[] {(float) bench.ops.sumOfSquares(g)}, 1);
            return new Tensor[] {p, m, v, norm};
        });
    }
}
