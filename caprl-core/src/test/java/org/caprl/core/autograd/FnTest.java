package org.caprl.core.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions that are made of several operations, against central differences of L = Σ c·y with random c. */
class FnTest {
    private static final float H = 1e-2f;

    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final TensorScope scope = new TensorScope(ops.memory());
    private final Random random = new Random(3);

    @AfterEach
    void close() {
        scope.close();
        ops.close();
    }

    private Var parameter(int... shape) {
        Var v = Var.parameter(normal(shape));
        v.trainWith(scope.zeros(DType.F32, shape));
        return v;
    }

    private Tensor normal(int... shape) {
        float[] values = new float[IntStream.of(shape).reduce(1, (a, b) -> a * b)];
        IntStream.range(0, values.length).forEach(i -> values[i] = (float) random.nextGaussian());
        return scope.floatsOf(values, shape);
    }

    /** @param frozen the row of every parameter whose gradient is 0 by definition, or -1 */
    private void check(Map<String, Var> parameters, int frozen, Function<Pass, Var> function) {
        Tape tape = new Tape();
        Var y = function.apply(Pass.training(ops, scope, tape));
        Tensor c = normal(y.value().rowCount(), y.value().columns());
        y.seed(c);
        tape.backward();
        parameters.forEach((name, v) -> {
            float[] elements = v.value().toFloats();
            float[] found = v.grad().toFloats();
            for (int i = 0; i < elements.length; i++) {
                float x = elements[i];
                elements[i] = x + H;
                v.value().write(elements, elements.length);
                double up = loss(c, function);
                elements[i] = x - H;
                v.value().write(elements, elements.length);
                double down = loss(c, function);
                elements[i] = x;
                double expected = i / v.value().columns() == frozen ? 0 : (up - down) / (2 * H);
                assertEquals(expected, found[i], 2e-3 * (1 + Math.abs(expected)), name + " at " + i);
            }
            v.value().write(elements, elements.length);
        });
    }

    private double loss(Tensor c, Function<Pass, Var> function) {
        float[] weights = c.toFloats();
        float[] values = function.apply(Pass.inference(ops, scope)).value().toFloats();
        return IntStream.range(0, values.length).mapToDouble(i -> (double) weights[i] * values[i]).sum();
    }

    @Test
    void addRows() {
        Var base = parameter(5, 3);
        Var added = parameter(2, 3);
        Tensor index = scope.ints(3, 1);
        check(Map.of("base", base, "added", added), -1,
                pass -> Fn.addRows(pass, Fn.add(pass, base, base), Fn.add(pass, added, added), index));
    }

    @Test
    void mixRows() {
        Var table = parameter(4, 3);
        Tensor coefficients = normal(6, 4);
        check(Map.of("table", table), -1, pass -> Fn.mixRows(pass, coefficients, table));
    }

    @Test
    void scaleColumns() {
        Var x = parameter(4, 3);
        Var factors = parameter(3);
        check(Map.of("x", x, "factors", factors), -1, pass -> Fn.scaleColumns(pass, x, factors));
    }

    @Test
    void scaleRows() {
        Var x = parameter(3, 6);
        Tensor factors = scope.floatsOf(new float[] {0.5f, 0, -3}, 3, 1);
        check(Map.of("x", x), -1, pass -> Fn.scaleRows(pass, x, factors));
        float[] before = x.value().toFloats();
        float[] after = Fn.scaleRows(Pass.inference(ops, scope), x, factors).value().toFloats();
        for (int i = 0; i < after.length; i++) {
            assertTrue(before[i] * new float[] {0.5f, 0, -3}[i / 6] == after[i], "element " + i);
        }
    }

    @Test
    void thePaddingRowOfAnEmbeddingGetsNoGradient() {
        Var table = parameter(4, 3);
        Tensor ids = scope.ints(2, 1, 0, 2, 1, 3);
        check(Map.of("table", table), -1, pass -> Fn.embedding(pass, table, ids, -1));
        ops.fill(table.grad(), 0);
        check(Map.of("table", table), 1, pass -> Fn.embedding(pass, table, ids, 1));
    }

    @Test
    void anEmbeddingOfPaddingAloneHasNoGradient() {
        Var table = parameter(4, 3);
        check(Map.of("table", table), 1, pass -> Fn.embedding(pass, table, scope.ints(1, 1), 1));
    }
}
