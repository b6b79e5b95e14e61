package org.caprl.core.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A row's result has the same bits in any batch, by any kernel and with any number of threads: so decoding agrees with training. */
class SameBitsTest {
    private static Tensor random(TensorScope scope, SplittableRandom random, int... shape) {
        Tensor t = scope.floats(shape);
        for (long i = 0; i < t.size(); i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble() - 0.5f);
        }
        return t;
    }

    private static int[] bits(Tensor t) {
        return t.segment().toArray(ValueLayout.JAVA_INT);
    }

    @ParameterizedTest
    @CsvSource({"64,64", "100,300", "512,65", "640,96", "1536,257", "1536,272", "3,1", "31,1", "100,1", "2048,1", "100,2", "100,7",
        "2048,8", "2048,16", "1,300", "8,2048"})
    void linear(int k, int n) {
        SplittableRandom random = new SplittableRandom(5);
        try (CpuOps one = new CpuOps(1); CpuOps three = new CpuOps(3); TensorScope scope = new TensorScope(one.memory())) {
            Tensor x = random(scope, random, 300, k);
            Tensor bias = random(scope, random, n);
            Tensor all = scope.floats(300, n);
            one.linear(x, random(scope, new SplittableRandom(6), n, k), bias, all);
            for (boolean half : new boolean[] {false, true}) {
                Tensor w = random(scope, new SplittableRandom(6), n, k);
                if (half) {
                    Tensor narrow = scope.allocate(DType.BF16, n, k);
                    one.copy(w, narrow);
                    w = narrow;
                    one.linear(x, w, bias, all);
                }
                for (CpuOps ops : new CpuOps[] {one, three}) {
                    for (int m : new int[] {1, 1, 1, 2, 3, 7, 40, 64, 65, 130}) {
                        Tensor y = scope.floats(m, n);
                        ops.linear(x.rows(9, 9 + m), w, bias, y);
                        assertArrayEquals(bits(all.rows(9, 9 + m)), bits(y), m + " rows with " + ops.threads() + " threads");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"16,4,2", "64,2,2", "20,3,1"})
    void decodingAttendsAsTheFullPassDoes(int headDim, int heads, int kvHeads) {
        SplittableRandom random = new SplittableRandom(5);
        int n = 75;
        try (CpuOps one = new CpuOps(1); CpuOps three = new CpuOps(3); TensorScope scope = new TensorScope(one.memory())) {
            Tensor q = random(scope, random, n, heads * headDim);
            Tensor k = random(scope, random, n, kvHeads * headDim);
            Tensor v = random(scope, random, n, kvHeads * headDim);
            Tensor full = scope.floats(n, heads * headDim);
            three.attention(q, k, v, AttentionPlan.causal(n), headDim, 0.2f, full, null);
            for (int i = 0; i < n; i++) {
                Tensor out = scope.floats(1, heads * headDim);
                AttentionPlan pages = new AttentionPlan().queries(0, 1).keys(0, i / 2).keys(i / 2, i + 1).causal();
                one.attention(q.rows(i, i + 1), k, v, pages, headDim, 0.2f, out, null);
                assertArrayEquals(bits(full.rows(i, i + 1)), bits(out), "query " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"48,500", "96,1003"})
    void samplerAndHeadGiveOneLogProb(int d, int vocabulary) {
        SplittableRandom random = new SplittableRandom(5);
        int n = 90;
        try (CpuOps ops = new CpuOps(2); TensorScope scope = new TensorScope(ops.memory())) {
            Tensor hidden = random(scope, random, n, d);
            Tensor head = random(scope, random, vocabulary, d);
            SamplingRows rows = new SamplingRows(n);
            for (int i = 0; i < n; i++) {
                rows.temperature[i] = 0.8f;
                rows.key[i] = i;
            }
            Tensor logits = scope.floats(n, vocabulary);
            Tensor ids = scope.allocate(DType.I32, n);
            Tensor sampled = scope.floats(n, 3);
            for (int i = 0; i < n; i++) {
                ops.linear(hidden.rows(i, i + 1), head, null, logits.rows(i, i + 1));
            }
            ops.sample(logits, rows, ids, sampled);
            Tensor logProb = scope.floats(n);
            ops.selectedLogProbs(hidden, head, ids, 0.8f, logProb, scope.floats(n), scope.floats(n));
            int[] tempered = new int[n];
            for (int i = 0; i < n; i++) {
                tempered[i] = bits(sampled)[3 * i + 1];
            }
            assertArrayEquals(bits(logProb), tempered);
        }
    }
}
