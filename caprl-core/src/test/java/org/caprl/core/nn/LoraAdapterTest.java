package org.caprl.core.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.autograd.Dropout;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.autograd.Var;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.FiniteDifferences;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A linear layer with an adapter: values, gradients by finite differences, dropout. */
class LoraAdapterTest {
    private static final int IN = 9;
    private static final int OUT = 6;
    private static final int ROWS = 5;

    static Stream<String> backends() {
        return Backends.providers().stream().filter(p -> p.probe().works()).map(BackendProvider::name);
    }

    private static LoraSettings settings(int r, double alpha, double dropout) {
        return new LoraSettings(r, alpha, dropout, false, List.of("*"), true);
    }

    /** Weights and adapters of random numbers, B too. */
    private static Params params(TensorOps ops, LoraSettings settings) {
        return new Params(ops, new RandomWeights(1, 0.5), WeightType.FLOAT32,
                new Adapters(settings, settings::adapts, new RandomWeights(2, 0.5)));
    }

    private static Tensor normal(TensorScope scope, Random random, int... shape) {
        float[] values = new float[IntStream.of(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floatsOf(values, shape);
    }

    @Test
    void withoutTheAdapterItIsTheBaseToTheBit() {
        try (TensorOps ops = Backends.open("cpu", 1).ops(); TensorScope scope = new TensorScope(ops.memory());
                Params with = params(ops, settings(2, 4, 0)); Params without = new Params(ops, new RandomWeights(1, 0.5))) {
            Var x = Var.constant(normal(scope, new Random(5), ROWS, IN));
            Pass pass = Pass.inference(ops, scope);
            Linear adapted = Linear.of(with, "layer", IN, OUT, true);
            float[] base = Linear.of(without, "layer", IN, OUT, true).forward(pass, x).value().toFloats();
            assertArrayEquals(base, adapted.forward(pass.withoutAdapters(), x).value().toFloats());
            assertFalse(Arrays.equals(base, adapted.forward(pass, x).value().toFloats()));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void gradientsEqualFiniteDifferences(String backend) {
        for (double dropout : new double[] {0, 0.4}) {
            gradients(backend, dropout);
        }
    }

    private static void gradients(String backend, double dropout) {
        try (TensorOps ops = Backends.open(backend, 1).ops(); TensorScope scope = new TensorScope(ops.memory());
                Params params = params(ops, settings(3, 2, dropout))) {
            Linear whole = Linear.of(params, "layer", IN, OUT, true);
            params.train();
            Random random = new Random(3);
            Params inputs = new Params(ops, new RandomWeights(4, 1));
            Var x = inputs.weight("x", ROWS, IN);
            inputs.train();
            Tensor c = normal(scope, random, ROWS, OUT);
            Dropout rows = new Dropout(11, 20, ROWS, null);
            Tape tape = new Tape();
            // As a fused projection is used: two layers over parts of the outputs, with one A.
            for (Linear part : List.of(whole.outputs(0, 4), whole.outputs(4, OUT))) {
                Var y = part.forward(Pass.training(ops, scope, tape).droppingOut(rows), x);
                y.seed(columns(scope, c, y.value().columns() == 4 ? 0 : 4, y.value().columns()));
            }
            tape.backward();
            for (Map.Entry<String, Var> v : Map.of("x", x, "A", params.adapterWeights().get(Adapters.nameOfA("layer")), "B",
                    params.adapterWeights().get(Adapters.nameOfB("layer"))).entrySet()) {
                FiniteDifferences.check(v.getKey(), v.getValue().value(), v.getValue().grad(), 0, () -> FiniteDifferences.dot(c,
                        whole.forward(Pass.inference(ops, scope).droppingOut(rows), x).value()));
            }
            assertEquals(null, params.get("layer.weight").grad(), "the base is frozen");
            inputs.close();
        }
    }

    private static Tensor columns(TensorScope scope, Tensor c, int from, int count) {
        float[] all = c.toFloats();
        float[] part = new float[ROWS * count];
        for (int row = 0; row < ROWS; row++) {
            System.arraycopy(all, row * OUT + from, part, row * count, count);
        }
        return scope.floatsOf(part, ROWS, count);
    }

    /** Masks are of rows by their number, whatever pass computes them, and differ by layer, row and update. */
    @Test
    void masksFollowTheRows() {
        try (TensorOps ops = Backends.open("cpu", 2).ops(); TensorScope scope = new TensorScope(ops.memory());
                Params params = params(ops, settings(2, 2, 0.5))) {
            Linear layer = Linear.of(params, "layer", IN, OUT, false);
            Tensor x = scope.floats(ROWS, IN);
            ops.fill(x, 1);
            Pass pass = Pass.inference(ops, scope);
            float[] all = layer.forward(pass.droppingOut(new Dropout(1, 0, ROWS, null)), Var.constant(x)).value().toFloats();
            float[] later = layer.forward(pass.droppingOut(new Dropout(1, 2, 3, null)), Var.constant(x.rows(2, 5))).value().toFloats();
            assertArrayEquals(Arrays.copyOfRange(all, 2 * OUT, all.length), later);
            float[] some = layer.forward(pass.droppingOut(new Dropout(1, 0, ROWS, null)).overRows(scope.ints(1, 4)),
                    Var.constant(x.rows(0, 2))).value().toFloats();
            assertArrayEquals(Arrays.copyOfRange(all, OUT, 2 * OUT), Arrays.copyOf(some, OUT));
            assertArrayEquals(Arrays.copyOfRange(all, 4 * OUT, 5 * OUT), Arrays.copyOfRange(some, OUT, 2 * OUT));
            float[] update = layer.forward(pass.droppingOut(new Dropout(2, 0, ROWS, null)), Var.constant(x)).value().toFloats();
            assertFalse(Arrays.equals(all, update));
            Linear other = Linear.of(params, "other", IN, OUT, false);
            assertNotEquals(layer.adapter().key(), other.adapter().key());
            float[] none = layer.forward(pass, Var.constant(x)).value().toFloats();
            assertFalse(Arrays.equals(all, none), "only a pass that drops out drops");
        }
    }

    /** Merged patches stand for four rows each: their numbers go on where those of earlier images end. */
    @Test
    void rowsThatStandForSeveralAreNumberedAlike() {
        assertEquals(40, new Dropout(1, 160, 32, null).mask(1, 8, 0.1f).firstRow());
        assertEquals(160, new Dropout(1, 160, 32, null).mask(1, 32, 0.1f).firstRow());
        assertEquals(0, new Dropout(1, 0, 0, null).mask(1, 0, 0.1f).firstRow());
    }

    @Test
    void freshAdaptersChangeNothingAndDependOnSeedAndName() {
        LoraSettings settings = settings(2, 4, 0);
        try (TensorOps ops = Backends.open("cpu", 1).ops();
                Params one = new Params(ops, new RandomWeights(1, 0.5), WeightType.BFLOAT16, Adapters.fresh(settings, 1));
                Params other = new Params(ops, new RandomWeights(1, 0.5), WeightType.BFLOAT16, Adapters.fresh(settings, 2))) {
            float[] a = Linear.of(one, "layer", IN, OUT, false).adapter().a().value().toFloats();
            float[] b = Linear.of(one, "layer", IN, OUT, false).adapter().b().value().toFloats();
            assertArrayEquals(new float[2 * OUT], b);
            for (float value : a) {
                assertTrue(Math.abs(value) <= 1 / Math.sqrt(IN));
            }
            assertFalse(Arrays.equals(a, Linear.of(other, "layer", IN, OUT, false).adapter().a().value().toFloats()));
            one.train();
            assertEquals(2 * (IN + OUT), one.trainableCount());
        }
    }

    @Test
    void targetsAreNamesOrTheirEnds() {
        assertTrue(LoraSettings.matches("q_proj", "model.layers.0.self_attn.q_proj"));
        assertTrue(LoraSettings.matches("self_attn.q_proj", "model.layers.0.self_attn.q_proj"));
        assertFalse(LoraSettings.matches("proj", "model.layers.0.self_attn.q_proj"));
        assertTrue(LoraSettings.matches("layers.*.q_proj", "model.layers.0.self_attn.q_proj"));
        assertTrue(LoraSettings.matches("*_proj", "model.layers.0.self_attn.q_proj"));
        assertTrue(LoraSettings.matches("*", "visual.merger.mlp.0"));
        assertFalse(LoraSettings.matches("layers.1.*", "model.layers.0.self_attn.q_proj"));
        LoraSettings textOnly = new LoraSettings(2, 4, 0, false, List.of("gate_proj"), false);
        assertTrue(textOnly.adapts("model.layers.0.mlp.gate_proj"));
        assertFalse(textOnly.adapts("visual.blocks.0.mlp.gate_proj"));
        assertEquals(2f, settings(2, 4, 0).scaling());
        assertEquals(4f, new LoraSettings(4, 8, 0, true, List.of("*"), false).scaling());
    }
}
