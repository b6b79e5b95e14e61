package org.caprl.core.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a tape keeps, for how long, and that nothing is freed which somebody still needs. */
class TapeTest {
    private static final int ROWS = 5;
    private static final int WIDTH = 8;
    private static final int BLOCKS = 6;

    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final TensorScope weights = new TensorScope(ops.memory());
    private final Var w = weight(1);
    private final Var v = weight(2);
    private final Tensor input = random(3, ROWS, WIDTH);

    @AfterEach
    void close() {
        weights.close();
        ops.close();
    }

    @Test
    void blocksComputedAgainGiveTheSameBitsInLessMemory() {
        Run kept = run(false);
        Run again = run(true);
        assertArrayEquals(kept.w, again.w);
        assertArrayEquals(kept.v, again.v);
        assertArrayEquals(kept.y, again.y);
        assertTrue(again.peak < 0.6 * kept.peak, again.peak + " of " + kept.peak);
    }

    @Test
    void afterBackwardOnlyTheSeededResultAndWhatTheCallerAllocatedIsLeft() {
        for (boolean recompute : new boolean[] {false, true}) {
            long blocks = Math.ceilDiv(4 * ROWS * WIDTH, 64);
            assertEquals(3 * 64 * blocks, run(recompute).left, "input, seed and result");
        }
    }

    /** A value with many readers: its gradient is first another value's, then a sum of its own. */
    @Test
    void aSharedGradientStaysUntilItsLastReader() {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tape tape = new Tape();
            Pass pass = Pass.training(ops, scope, tape);
            Var x = Fn.linear(pass, Var.constant(input), w, null);
            Var twice = Fn.add(pass, x, x);
            Var flat = Fn.reshape(pass, twice, ROWS * WIDTH);
            Var back = Fn.reshape(pass, flat, ROWS, WIDTH);
            Var y = Fn.add(pass, back, Fn.add(pass, x, twice)); // 2x + x + 2x
            Tensor seed = scope.floats(ROWS, WIDTH);
            ops.fill(seed, 1f);
            y.seed(seed);
            tape.backward();
        }
        float[] five = values(w.grad());
        ops.fill(w.grad(), 0f);
        Tensor seed = weights.floats(ROWS, WIDTH);
        ops.fill(seed, 5f);
        ops.linearWeightGrad(seed, input, w.grad(), null);
        assertArrayEquals(values(w.grad()), five, 1e-5f);
    }

    /** Blocks before the first trained weight keep what a later backward reads, the last result or that of a side branch; no more. */
    @Test
    void frozenBlocksKeepOnlyWhatABackwardReads() {
        Var frozen = Var.parameter(random(7, WIDTH, WIDTH));
        for (boolean recompute : new boolean[] {false, true}) {
            ops.fill(w.grad(), 0f);
            ops.fill(v.grad(), 0f);
            try (TensorScope scope = new TensorScope(ops.memory())) {
                Tape tape = new Tape();
                Pass all = Pass.training(ops, scope, tape);
                Pass pass = recompute ? all.recomputingBlocks() : all;
                long before = ops.memory().bytesInUse();
                Var x = Fn.linear(pass, Var.constant(input), frozen, null);
                long one = ops.memory().bytesInUse() - before;
                for (int i = 0; i < BLOCKS; i++) {
                    x = pass.block(x, (inner, h) -> Fn.gelu(inner, Fn.linear(inner, h, frozen, null), Gelu.ERF));
                }
                assertEquals(0, tape.size());
                assertEquals(one, ops.memory().bytesInUse() - before, "one result at a time");
                Var side = Fn.linear(pass, x, v, null);
                Tensor read = x.value();
                float[] then = values(read);
                x = pass.block(x, (inner, h) -> Fn.linear(inner, h, frozen, null));
                assertArrayEquals(then, values(read), "the side branch reads it in backward");
                x = pass.block(x, (inner, h) -> Fn.gelu(inner, Fn.linear(inner, h, w, null), Gelu.ERF));
                Var y = Fn.add(pass, side, x);
                Tensor seed = scope.floats(ROWS, WIDTH);
                ops.fill(seed, 1f);
                y.seed(seed);
                tape.backward();
                Tensor expected = weights.zeros(DType.F32, WIDTH, WIDTH);
                ops.linearWeightGrad(seed, read, expected, null);
                assertArrayEquals(values(expected), values(v.grad()), 1e-6f);
                assertTrue(ops.sumOfSquares(w.grad()) > 0);
            }
        }
        assertArrayEquals(gradientOfW(frozen, false), gradientOfW(frozen, true));
    }

    private float[] gradientOfW(Var frozen, boolean recompute) {
        ops.fill(w.grad(), 0f);
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tape tape = new Tape();
            Pass all = Pass.training(ops, scope, tape);
            Pass pass = recompute ? all.recomputingBlocks() : all;
            Var x = pass.block(Var.constant(input), (inner, h) -> Fn.linear(inner, h, frozen, null));
            Var y = pass.block(x, (inner, h) -> Fn.add(inner, h, Fn.linear(inner, h, w, null)));
            Tensor seed = scope.floats(ROWS, WIDTH);
            ops.copy(input, seed);
            y.seed(seed);
            tape.backward();
        }
        return values(w.grad());
    }

    private record Run(float[] w, float[] v, float[] y, long peak, long left) {
    }

    private Run run(boolean recompute) {
        Memory memory = ops.memory();
        ops.fill(w.grad(), 0f);
        ops.fill(v.grad(), 0f);
        memory.resetPeak();
        long before = memory.bytesInUse();
        try (TensorScope scope = new TensorScope(memory)) {
            Tape tape = new Tape();
            Pass pass = Pass.training(ops, scope, tape);
            Tensor in = scope.floats(ROWS, WIDTH);
            ops.copy(input, in);
            Var x = Fn.linear(pass, Var.constant(in), v, null);
            Pass blocks = recompute ? pass.recomputingBlocks() : pass;
            for (int i = 0; i < BLOCKS; i++) {
                x = blocks.block(x, (inner, h) -> Fn.add(inner, h, Fn.linear(inner, Fn.gelu(inner, Fn.linear(inner, h, w, null), Gelu.ERF),
                        v, null)));
            }
            Tensor seed = scope.floats(ROWS, WIDTH);
            ops.copy(input, seed);
            x.seed(seed);
            tape.backward();
            long left = memory.bytesInUse() - before;
            return new Run(values(w.grad()), values(v.grad()), values(x.value()), memory.peakBytes() - before, left);
        }
    }

    private Var weight(int seed) {
        Var weight = Var.parameter(random(seed, WIDTH, WIDTH));
        weight.trainWith(weights.floats(WIDTH, WIDTH));
        ops.fill(weight.grad(), 0f);
        return weight;
    }

    private Tensor random(int seed, int... shape) {
        Random random = new Random(seed);
        Tensor t = weights.floats(shape);
        for (long i = 0; i < t.size(); i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian() * 0.4f);
        }
        return t;
    }

    private static float[] values(Tensor t) {
        return t.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
}
