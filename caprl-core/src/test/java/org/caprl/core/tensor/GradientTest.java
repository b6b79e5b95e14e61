package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every backward of the reference against central differences of its forward: of L = Σ c·y with random c, summed in double. At h = 1e-2,
 * float32 rounding of y gives about 1e-5 and the third derivative about 1e-4.
 */
class GradientTest {
    private static final float H = 1e-2f;
    private static final double TOLERANCE = 2e-3;

    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final TensorScope scope = new TensorScope(ops.memory());
    private final Random random = new Random(17);

    @AfterEach
    void close() {
        scope.close();
        ops.close();
    }

    private Tensor normal(int... shape) {
        Tensor t = scope.floats(shape);
        for (long i = 0; i < t.size(); i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return t;
    }

    private Tensor ones(Tensor like) {
        Tensor t = scope.floats(like.shape());
        ops.fill(t, 1);
        return t;
    }

    private static double dot(Tensor a, Tensor b) {
        double sum = 0;
        for (long i = 0; i < a.size(); i++) {
            sum += (double) a.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i) * b.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return sum;
    }

    private interface Loss {
        double value();
    }

    /** @param before what the gradient tensor held: 1 where backward adds to it, 0 where it overwrites */
    private static void check(String name, Tensor input, Tensor gradient, double before, Loss loss) {
        MemorySegment elements = input.segment();
        for (long i = 0; i < input.size(); i++) {
            float x = elements.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float above = x + H;
            float below = x - H;
            elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, above);
            double up = loss.value();
            elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, below);
            double down = loss.value();
            elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, x);
            double expected = (up - down) / ((double) above - below) + before;
            assertEquals(expected, gradient.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i), TOLERANCE * (1 + Math.abs(expected)),
                    name + " at " + i);
        }
    }

    @Test
    void linear() {
        Tensor x = normal(3, 5);
        Tensor w = normal(4, 5);
        Tensor b = normal(4);
        Tensor c = normal(3, 4);
        Tensor y = scope.floats(3, 4);
        Loss loss = () -> {
            ops.linear(x, w, b, y);
            return dot(c, y);
        };
        Tensor dx = normal(3, 5);
        Tensor added = ones(x);
        Tensor dw = ones(w);
        Tensor db = ones(b);
        ops.linearInputGrad(c, w, dx, false);
        ops.linearInputGrad(c, w, added, true);
        ops.linearWeightGrad(c, x, dw, db);
        check("dx", x, dx, 0, loss);
        check("dx added", x, added, 1, loss);
        check("dw", w, dw, 1, loss);
        check("db", b, db, 1, loss);
    }

    @Test
    void gatherAndScatterAdd() {
        Tensor x = normal(4, 3);
        Tensor index = scope.ints(2, 0, 2, 1, 2);
        Tensor c = normal(5, 3);
        Tensor y = scope.floats(5, 3);
        Tensor dx = ones(x);
        ops.scatterAddRows(c, index, dx);
        check("dx", x, dx, 1, () -> {
            ops.gatherRows(x, index, y);
            return dot(c, y);
        });
    }

    @Test
    void swiglu() {
        Tensor gate = normal(3, 5);
        Tensor up = normal(3, 5);
        Tensor c = normal(3, 5);
        Tensor y = scope.floats(3, 5);
        Tensor dGate = scope.floats(3, 5);
        Tensor dUp = scope.floats(3, 5);
        Loss loss = () -> {
            ops.swiglu(gate, up, y);
            return dot(c, y);
        };
        ops.swigluBackward(c, gate, up, dGate, dUp);
        check("dGate", gate, dGate, 0, loss);
        check("dUp", up, dUp, 0, loss);
    }

    @ParameterizedTest
    @EnumSource
    void gelu(Gelu kind) {
        Tensor x = normal(4, 6);
        Tensor c = normal(4, 6);
        Tensor y = scope.floats(4, 6);
        Tensor dx = scope.floats(4, 6);
        ops.geluBackward(c, x, kind, dx);
        check("dx", x, dx, 0, () -> {
            ops.gelu(x, kind, y);
            return dot(c, y);
        });
    }

    @Test
    void geluHasTheKnownValues() {
        Tensor x = scope.floatsOf(new float[] {1, -2, 8, -8}, 4);
        Tensor y = scope.floats(4);
        ops.gelu(x, Gelu.ERF, y);
        assertEquals(0.8413447f, y.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 0), 1e-6);
        assertEquals(-0.0455003f, y.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 1), 1e-6);
        assertEquals(8f, y.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 2), 1e-6);
        assertEquals(0f, y.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 3), 1e-6);
    }

    @Test
    void norms() {
        Tensor x = normal(3, 6);
        Tensor w = normal(6);
        Tensor b = normal(6);
        Tensor c = normal(3, 6);
        Tensor y = scope.floats(3, 6);
        Tensor inverse = scope.floats(3);
        Tensor statistics = scope.floats(3, 2);
        Loss rms = () -> {
            ops.rmsNorm(x, w, 1e-3f, y, inverse);
            return dot(c, y);
        };
        Loss layer = () -> {
            ops.layerNorm(x, w, b, 1e-3f, y, statistics);
            return dot(c, y);
        };
        Tensor dx = scope.floats(3, 6);
        Tensor dw = ones(w);
        Tensor db = ones(b);
        rms.value();
        ops.rmsNormBackward(c, x, w, inverse, dx, dw);
        check("rms dx", x, dx, 0, rms);
        check("rms dw", w, dw, 1, rms);
        ops.fill(dw, 1);
        layer.value();
        ops.layerNormBackward(c, x, w, statistics, dx, dw, db);
        check("layer dx", x, dx, 0, layer);
        check("layer dw", w, dw, 1, layer);
        check("layer db", b, db, 1, layer);
    }

    @Test
    void rotaryTurnsBackByItsInverse() {
        Tensor x = normal(3, 12);
        Tensor c = normal(3, 12);
        Tensor cos = scope.floats(3, 3);
        Tensor sin = scope.floats(3, 3);
        Tensor y = scope.floats(3, 12);
        Tensor dx = scope.floats(3, 12);
        ops.rotaryTable(scope.ints(0, 5, 9).reshape(1, 3), new RotarySpec(new float[] {1, 0.1f, 0.01f}, new int[3], 1), cos, sin);
        ops.rotary(c, cos, sin, true, dx);
        check("dx", x, dx, 0, () -> {
            ops.rotary(x, cos, sin, false, y);
            return dot(c, y);
        });
    }

    @Test
    void attention() {
        AttentionPlan plan = new AttentionPlan().queries(0, 3).keys(0, 3).causal().queries(3, 5).keys(0, 2).keys(3, 5).causal()
                .queries(5, 6).keys(1, 3).keys(5, 7);
        Tensor q = normal(7, 16);
        Tensor k = normal(8, 8);
        Tensor v = normal(8, 8);
        Tensor c = normal(7, 16);
        Tensor out = scope.zeros(DType.F32, 7, 16);
        Tensor lse = scope.zeros(DType.F32, 7, 4);
        Loss loss = () -> {
            ops.attention(q, k, v, plan, 4, 0.5f, out, lse);
            return dot(c, out);
        };
        Tensor dq = normal(7, 16);
        Tensor dk = normal(8, 8);
        Tensor dv = normal(8, 8);
        loss.value();
        ops.attentionBackward(c, q, k, v, out, lse, plan, 4, 0.5f, dq, dk, dv);
        check("dq", q, dq, 0, loss);
        check("dk", k, dk, 0, loss);
        check("dv", v, dv, 0, loss);
    }

    @Test
    void selectedLogProbs() {
        Tensor hidden = normal(3, 4);
        Tensor head = normal(7, 4);
        Tensor targets = scope.ints(6, 0, 3);
        Tensor dLogProb = normal(3);
        Tensor dEntropy = normal(3);
        Tensor logProb = scope.floats(3);
        Tensor entropy = scope.floats(3);
        Tensor lse = scope.floats(3);
        Loss loss = () -> {
            ops.selectedLogProbs(hidden, head, targets, 1.3f, logProb, entropy, lse);
            return dot(dLogProb, logProb) + dot(dEntropy, entropy);
        };
        Tensor dHidden = normal(3, 4);
        Tensor dHead = ones(head);
        loss.value();
        ops.selectedLogProbsBackward(hidden, head, targets, 1.3f, entropy, lse, dLogProb, dEntropy, dHidden, dHead);
        check("dHidden", hidden, dHidden, 0, loss);
        check("dHead", head, dHead, 1, loss);
    }
}
