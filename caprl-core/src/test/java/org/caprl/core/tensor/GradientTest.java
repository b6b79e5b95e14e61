package org.caprl.core.tensor;

import static org.caprl.core.tensor.FiniteDifferences.check;
import static org.caprl.core.tensor.FiniteDifferences.dot;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.tensor.FiniteDifferences.Loss;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backward of every backend that works here against central differences of L = Σ c·y with random c, summed in double. */
class GradientTest {
    private static final Map<String, TensorOps> OPENED = new HashMap<>();

    private final Random random = new Random(17);
    private TensorOps ops;
    private TensorScope scope;

    static Stream<String> backends() {
        return Backends.providers().stream().filter(p -> p.probe().works()).map(BackendProvider::name);
    }

    private void open(String backend) {
        ops = OPENED.computeIfAbsent(backend, name -> Backends.open(name, 1).ops());
        scope = new TensorScope(ops.memory());
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @AfterAll
    static void closeAll() {
        OPENED.values().forEach(TensorOps::close);
        OPENED.clear();
    }

    private Tensor normal(int... shape) {
        float[] values = new float[IntStream.of(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floatsOf(values, shape);
    }

    private Tensor ones(Tensor like) {
        Tensor t = scope.floats(like.shape());
        ops.fill(t, 1);
        return t;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void linear(String backend) {
        open(backend);
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

    @ParameterizedTest
    @MethodSource("backends")
    void gatherAndScatterAdd(String backend) {
        open(backend);
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

    @ParameterizedTest
    @MethodSource("backends")
    void dropout(String backend) {
        open(backend);
        Tensor x = normal(4, 19);
        Tensor c = normal(4, 19);
        Tensor y = scope.floats(4, 19);
        Tensor dx = scope.floats(4, 19);
        ops.dropout(c, null, 5, 3, 0.3f, dx);
        check("dx", x, dx, 0, () -> {
            ops.dropout(x, null, 5, 3, 0.3f, y);
            return dot(c, y);
        });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void swiglu(String backend) {
        open(backend);
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
    @MethodSource("backends")
    void gelu(String backend) {
        open(backend);
        gelu(Gelu.ERF);
        gelu(Gelu.TANH);
    }

    private void gelu(Gelu kind) {
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

    @ParameterizedTest
    @MethodSource("backends")
    void geluHasTheKnownValues(String backend) {
        open(backend);
        Tensor x = scope.floatsOf(new float[] {1, -2, 8, -8}, 4);
        Tensor y = scope.floats(4);
        ops.gelu(x, Gelu.ERF, y);
        assertEquals(0.8413447f, y.toFloats()[0], 1e-6);
        assertEquals(-0.0455003f, y.toFloats()[1], 1e-6);
        assertEquals(8f, y.toFloats()[2], 1e-6);
        assertEquals(0f, y.toFloats()[3], 1e-6);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void norms(String backend) {
        open(backend);
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
        Loss scaled = () -> {
            ops.scaleColumns(x, w, y);
            return dot(c, y);
        };
        ops.fill(dw, 1);
        ops.scaleColumnsBackward(c, x, w, dx, dw);
        check("scale dx", x, dx, 0, scaled);
        check("scale dw", w, dw, 1, scaled);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rotaryTurnsBackByItsInverse(String backend) {
        open(backend);
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

    @ParameterizedTest
    @MethodSource("backends")
    void attention(String backend) {
        open(backend);
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

    @ParameterizedTest
    @MethodSource("backends")
    void selectedLogProbs(String backend) {
        open(backend);
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
