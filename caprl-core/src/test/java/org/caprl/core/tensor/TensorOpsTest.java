package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backend that works here against the reference, on odd sizes. The reference itself is held by GradientTest and the goldens. */
class TensorOpsTest {
    private static final int[] SIZES = {1, 2, 3, 5, 7, 8, 13, 16, 17, 24, 31, 33, 48, 63, 64, 65, 100, 129, 257};
    private static final int[] HEAD_DIMS = {8, 16, 18, 32, 40, 64, 128};
    private static final Map<String, TensorOps> OPENED = new HashMap<>();

    static Stream<String> backends() {
        return Backends.providers().stream().filter(p -> !p.name().equals("reference") && p.probe().works()).map(BackendProvider::name);
    }

    @AfterAll
    static void close() {
        OPENED.values().forEach(TensorOps::close);
        OPENED.clear();
    }

    private static TensorOps open(String backend) {
        return OPENED.computeIfAbsent(backend, name -> Backends.open(name, 2).ops());
    }

    /** One backend with seeded inputs: the same draws on both sides. */
    private record Side(TensorOps ops, TensorScope scope, Random random) {
        int size() {
            return SIZES[random.nextInt(SIZES.length)];
        }

        Tensor normal(int... shape) {
            int n = 1;
            for (int s : shape) {
                n *= s;
            }
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return scope.floatsOf(values, shape);
        }

        Tensor indices(int n, int below) {
            return scope.ints(random.ints(n, 0, below).toArray());
        }

        Tensor bfloat16(Tensor x) {
            Tensor narrow = scope.allocate(DType.BF16, x.shape());
            ops.copy(x, narrow);
            return narrow;
        }
    }

    /** @param length of the sums behind an output: rounding grows with it */
    private static void compare(String backend, int seed, int length, Function<Side, Tensor[]> body) {
        TensorOps reference = open("reference");
        TensorOps other = open(backend);
        try (TensorScope a = new TensorScope(reference.memory()); TensorScope b = new TensorScope(other.memory())) {
            Tensor[] expected = body.apply(new Side(reference, a, new Random(seed)));
            Tensor[] got = body.apply(new Side(other, b, new Random(seed)));
            for (int o = 0; o < expected.length; o++) {
                double[] wanted = values(expected[o]);
                double[] found = values(got[o]);
                for (int i = 0; i < wanted.length; i++) {
                    double e = wanted[i];
                    assertEquals(e, found[i], 1e-5 * (Math.abs(e) + 1) + 1e-7 * length,
                            "output " + o + " " + expected[o] + " at " + i + ", seed " + seed);
                }
            }
        }
    }

    private static double[] values(Tensor t) {
        MemorySegment elements = t.toHost();
        double[] values = new double[(int) t.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (t.dtype()) {
                case F32 -> elements.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                case I32 -> elements.getAtIndex(ValueLayout.JAVA_INT, i);
                case BF16 -> Float.intBitsToFloat(elements.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
            };
        }
        return values;
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void products(String backend) {
        for (int seed = 0; seed < 24; seed++) {
            int k = seed % 8 == 7 ? 1025 : SIZES[new Random(seed).nextInt(SIZES.length)];
            compare(backend, seed, k, s -> {
                int m = s.size();
                int n = s.size();
                Tensor x = s.normal(m, k);
                Tensor w = s.normal(n, k);
                Tensor y = s.scope.floats(m, n);
                Tensor biased = s.scope.floats(m, n);
                s.ops.linear(x, w, null, y);
                s.ops.linear(x, w, s.normal(n), biased);
                return new Tensor[] {y, biased};
            });
            compare(backend, seed, 257, s -> {
                int m = s.size();
                int n = s.size();
                Tensor x = s.normal(m, k);
                Tensor w = s.normal(n, k);
                Tensor dy = s.normal(m, n);
                Tensor dx = s.scope.floats(m, k);
                Tensor sum = s.normal(m, k);
                Tensor dw = s.normal(n, k);
                Tensor db = s.normal(n);
                Tensor dwOnly = s.normal(n, k);
                s.ops.linearInputGrad(dy, w, dx, false);
                s.ops.linearInputGrad(dy, w, sum, true);
                s.ops.linearWeightGrad(dy, x, dw, db);
                s.ops.linearWeightGrad(dy, x, dwOnly, null);
                return new Tensor[] {dx, sum, dw, db, dwOnly};
            });
        }
    }

    /** The draws are the same; what is dropped is exactly 0. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void dropout(String backend) {
        for (int seed = 0; seed < 24; seed++) {
            float rate = seed % 6 / 8f;
            long firstRow = seed * 1_000_000_007L;
            compare(backend, seed, 1, s -> {
                Tensor x = s.normal(s.size(), s.size());
                Tensor y = s.scope.floats(x.shape());
                s.ops.dropout(x, null, 77, firstRow, rate, y);
                s.ops.dropout(x, s.indices(x.dim(0), 1000), 78, firstRow, rate, x);
                return new Tensor[] {y, x};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void aWeightThatChangesIsSeen(String backend) {
        compare(backend, 1, 64, s -> {
            Tensor x = s.normal(3, 64);
            Tensor w = s.normal(48, 64);
            Tensor before = s.scope.floats(3, 48);
            Tensor after = s.scope.floats(3, 48);
            s.ops.linear(x, w, null, before);
            s.ops.adamW(w, s.normal(48, 64), s.scope.zeros(DType.F32, 48, 64), s.scope.zeros(DType.F32, 48, 64),
                    new AdamWStep(0.1, 0.9, 0.999, 1e-8, 0.01, 1, 1));
            s.ops.linear(x, w, null, after);
            return new Tensor[] {before, after};
        });
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void bfloat16Weights(String backend) {
        for (int seed = 0; seed < 12; seed++) {
            int k = seed % 4 == 3 ? 1025 : SIZES[new Random(seed).nextInt(SIZES.length)];
            compare(backend, seed, k, s -> {
                int m = s.size();
                int n = s.size();
                Tensor w = s.bfloat16(s.normal(n, k));
                Tensor y = s.scope.floats(m, n);
                Tensor rows = s.scope.floats(5, k);
                s.ops.linear(s.normal(m, k), w, null, y);
                s.ops.gatherRows(w, s.indices(5, n), rows);
                return new Tensor[] {w, y, rows};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void rowsAndElements(String backend) {
        for (int seed = 0; seed < 30; seed++) {
            compare(backend, seed, 16, s -> {
                int m = s.size();
                int c = s.size();
                Tensor x = s.normal(m, c);
                Tensor y = s.normal(m, c);
                Tensor gathered = s.scope.floats(9, c);
                Tensor added = s.normal(m, c);
                Tensor scattered = s.normal(m + 2, c);
                s.ops.gatherRows(x, s.indices(9, m), gathered);
                s.ops.scatterAddRows(gathered, s.indices(9, m), added);
                int[] to = new int[m];
                for (int i = 0; i < m; i++) {
                    to[i] = i % 3 == 1 ? -1 : m + 1 - i;
                }
                s.ops.scatterRows(x, s.scope.ints(to), scattered);
                int[] none = new int[m];
                Arrays.fill(none, -1 - s.random.nextInt(3));
                Tensor kept = s.normal(m, c);
                s.ops.scatterRows(x, s.scope.ints(none), kept);
                Tensor sum = s.scope.floats(m, c);
                Tensor inPlace = s.normal(m, c);
                Tensor gate = s.scope.floats(m, c);
                Tensor dGate = s.scope.floats(m, c);
                Tensor dUp = s.scope.floats(m, c);
                Tensor erf = s.scope.floats(m, c);
                Tensor tanh = s.scope.floats(m, c);
                Tensor dErf = s.scope.floats(m, c);
                Tensor dTanh = s.scope.floats(m, c);
                Tensor constant = s.scope.floats(m, c);
                s.ops.add(x, y, sum);
                s.ops.add(inPlace, x, inPlace);
                s.ops.scale(inPlace, 0.3f, inPlace);
                s.ops.swiglu(x, y, gate);
                s.ops.swigluBackward(sum, x, y, dGate, dUp);
                s.ops.gelu(x, Gelu.ERF, erf);
                s.ops.gelu(x, Gelu.TANH, tanh);
                s.ops.geluBackward(y, x, Gelu.ERF, dErf);
                s.ops.geluBackward(y, x, Gelu.TANH, dTanh);
                s.ops.fill(constant, 1.5f);
                return new Tensor[] {gathered, added, scattered, kept, sum, inPlace, gate, dGate, dUp, erf, tanh, dErf, dTanh, constant};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void norms(String backend) {
        for (int seed = 0; seed < 30; seed++) {
            compare(backend, seed, 1000, s -> {
                int m = s.size();
                int c = Math.max(2, s.size());
                Tensor x = s.normal(m, c);
                Tensor w = s.normal(c);
                Tensor dy = s.normal(m, c);
                Tensor rms = s.scope.floats(m, c);
                Tensor inverse = s.scope.floats(m);
                Tensor layer = s.scope.floats(m, c);
                Tensor statistics = s.scope.floats(m, 2);
                Tensor dRms = s.scope.floats(m, c);
                Tensor dLayer = s.scope.floats(m, c);
                Tensor dFrozen = s.scope.floats(m, c);
                Tensor dw = s.normal(c);
                Tensor dw2 = s.normal(c);
                Tensor db = s.normal(c);
                s.ops.rmsNorm(x, w, 1e-2f, rms, inverse);
                s.ops.rmsNormBackward(dy, x, w, inverse, dRms, dw);
                s.ops.rmsNormBackward(dy, x, w, inverse, dFrozen, null);
                s.ops.layerNorm(x, w, s.normal(c), 1e-2f, layer, statistics);
                s.ops.layerNormBackward(dy, x, w, statistics, dLayer, dw2, db);
                Tensor scaled = s.scope.floats(m, c);
                Tensor dScaled = s.scope.floats(m, c);
                Tensor dScaledFrozen = s.scope.floats(m, c);
                Tensor dw3 = s.normal(c);
                s.ops.scaleColumns(x, w, scaled);
                s.ops.scaleColumnsBackward(dy, x, w, dScaled, dw3);
                s.ops.scaleColumnsBackward(dy, x, w, dScaledFrozen, null);
                return new Tensor[] {rms, inverse, layer, statistics, dRms, dFrozen, dLayer, dw, dw2, db, scaled, dScaled, dScaledFrozen,
                    dw3};
            });
        }
    }

    private static AttentionPlan plan(Random random, int queries, int keys) {
        AttentionPlan plan = new AttentionPlan();
        for (int q = 0; q < queries;) {
            int n = 1 + random.nextInt(Math.min(keys, queries - q));
            if (random.nextInt(6) > 0) {
                plan.queries(q, q + n);
                int at = 0;
                for (int r = random.nextInt(3); r > 0 && at < keys - n; r--) {
                    int start = at + random.nextInt(keys - n - at);
                    at = start + 1 + random.nextInt(keys - n - start);
                    plan.keys(start, at);
                }
                plan.keys(keys - n - random.nextInt(keys - n - at + 1), keys);
                if (random.nextBoolean()) {
                    plan.causal();
                }
            }
            q += n;
        }
        return plan;
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void attention(String backend) {
        for (int seed = 0; seed < 24; seed++) {
            compare(backend, seed, 500, s -> {
                int headDim = HEAD_DIMS[s.random.nextInt(HEAD_DIMS.length)];
                int ratio = 1 << s.random.nextInt(3);
                int kvHeads = 1 + s.random.nextInt(2);
                int tq = 1 + s.random.nextInt(40);
                int tk = 1 + s.random.nextInt(70);
                int columns = headDim * kvHeads * ratio;
                AttentionPlan plan = plan(s.random, tq, tk);
                float scale = (float) (1 / Math.sqrt(headDim));
                Tensor q = s.normal(tq, columns);
                Tensor k = s.normal(tk, headDim * kvHeads);
                Tensor v = s.normal(tk, headDim * kvHeads);
                Tensor out = s.scope.zeros(DType.F32, tq, columns);
                Tensor inference = s.scope.zeros(DType.F32, tq, columns);
                Tensor lse = s.scope.zeros(DType.F32, tq, kvHeads * ratio);
                Tensor dq = s.normal(tq, columns);
                Tensor dk = s.normal(tk, headDim * kvHeads);
                Tensor dv = s.normal(tk, headDim * kvHeads);
                s.ops.attention(q, k, v, plan, headDim, scale, out, lse);
                s.ops.attention(q, k, v, plan, headDim, scale, inference, null);
                s.ops.attentionBackward(s.normal(tq, columns), q, k, v, out, lse, plan, headDim, scale, dq, dk, dv);
                return new Tensor[] {out, inference, lse, dq, dk, dv};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void rotary(String backend) {
        for (int seed = 0; seed < 20; seed++) {
            compare(backend, seed, 16, s -> {
                int half = HEAD_DIMS[s.random.nextInt(HEAD_DIMS.length)] / 2;
                int t = s.size();
                float[] frequencies = new float[half];
                int[] axis = new int[half];
                for (int f = 0; f < half; f++) {
                    frequencies[f] = (float) Math.pow(10000, -(double) f / half);
                    axis[f] = s.random.nextInt(3);
                }
                Tensor cos = s.scope.floats(t, half);
                Tensor sin = s.scope.floats(t, half);
                Tensor x = s.normal(t, 6 * half);
                Tensor y = s.scope.floats(t, 6 * half);
                Tensor back = s.scope.floats(t, 6 * half);
                s.ops.rotaryTable(s.indices(3 * t, 3000).reshape(3, t), new RotarySpec(frequencies, axis, 1.1f), cos, sin);
                s.ops.rotary(x, cos, sin, false, y);
                s.ops.rotary(x, cos, sin, true, back);
                s.ops.rotary(x, cos, sin, false, x);
                return new Tensor[] {cos, sin, y, back, x};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void head(String backend) {
        for (int seed = 0; seed < 20; seed++) {
            compare(backend, seed, 500, s -> {
                int t = s.size();
                int d = s.size();
                int vocabulary = 2 + s.size();
                Tensor hidden = s.normal(t, d);
                s.ops.scale(hidden, (float) (1 / Math.sqrt(d)), hidden);
                Tensor head = s.normal(vocabulary, d);
                Tensor targets = s.indices(t, vocabulary);
                Tensor logProb = s.scope.floats(t);
                Tensor entropy = s.scope.floats(t);
                Tensor lse = s.scope.floats(t);
                Tensor dHidden = s.scope.floats(t, d);
                Tensor dFrozen = s.scope.floats(t, d);
                Tensor dHead = s.normal(vocabulary, d);
                s.ops.selectedLogProbs(hidden, head, targets, 0.8f, logProb, entropy, lse);
                s.ops.selectedLogProbsBackward(hidden, head, targets, 0.8f, entropy, lse, s.normal(t), s.normal(t), dHidden, dHead);
                s.ops.selectedLogProbsBackward(hidden, head, targets, 0.8f, entropy, lse, s.normal(t), null, dFrozen, null);
                return new Tensor[] {logProb, entropy, lse, dHidden, dFrozen, dHead};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void sampledIdsAreTheSame(String backend) {
        for (int seed = 0; seed < 40; seed++) {
            compare(backend, seed, 16, s -> {
                int b = 1 + s.random.nextInt(9);
                int vocabulary = s.size() * 4;
                SamplingRows rows = new SamplingRows(16);
                for (int row = 0; row < b; row++) {
                    rows.temperature[row] = s.random.nextInt(4) == 0 ? 0 : 0.3f + s.random.nextFloat();
                    rows.topK[row] = s.random.nextBoolean() ? 0 : 1 + s.random.nextInt(vocabulary);
                    rows.topP[row] = s.random.nextBoolean() ? 1 : 0.2f + 0.79f * s.random.nextFloat();
                    rows.minP[row] = s.random.nextBoolean() ? 0 : 0.2f * s.random.nextFloat();
                    rows.key[row] = s.random.nextLong();
                    rows.counter[row] = s.random.nextInt(2000);
                    if (s.random.nextBoolean()) {
                        rows.repetitionPenalty[row] = 1.3f;
                        rows.seen[row] = s.random.longs((vocabulary + 63) / 64).toArray();
                    }
                }
                Tensor logits = s.normal(b, vocabulary);
                Tensor ids = s.scope.allocate(DType.I32, b);
                Tensor logProbs = s.scope.floats(b, 3);
                s.ops.sample(logits, rows, ids, logProbs);
                return new Tensor[] {ids, logProbs, logits};
            });
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("backends")
    void updates(String backend) {
        for (int seed = 0; seed < 10; seed++) {
            compare(backend, seed, 16, s -> {
                int n = s.size() * s.size();
                Tensor param = s.normal(n);
                Tensor m = s.scope.zeros(DType.F32, n);
                Tensor v = s.scope.zeros(DType.F32, n);
                for (int step = 1; step <= 3; step++) {
                    s.ops.adamW(param, s.normal(n), m, v, new AdamWStep(1e-2, 0.9, 0.95, 1e-8, 0.1, step, 0.5));
                }
                return new Tensor[] {param, m, v, s.scope.floatsOf(new float[] {(float) s.ops.sumOfSquares(param)}, 1)};
            });
        }
    }
}
