package org.caprl.core.kernels.cpu;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;

/**
 * Tried once when the backend starts: whether products are right on this processor, and whether a row has the same bits by the panel
 * kernels, by oneDNN, and among few rows or many. That is what lets the log-probs of decoding and of training be equal; kernels for
 * processors that nobody has seen yet may break it, and oneDNN is known to have computed some products wrongly.
 */
final class ProductSelfTest {
    private static final int FEW = 5;
    private static final int MANY = 70;
    /** More than one panel, the last not full. */
    private static final int OUTPUTS = 3 * Panels.WIDTH / 2;
    /** More than one chain. */
    private static final int DEPTH = PanelKernels.CHAIN + 8;
    /** Of the sum of absolute products: float32 sums of so many terms are off by less than a tenth of it. */
    private static final double TOLERANCE = 1e-5;

    private ProductSelfTest() {
    }

    /**
     * What was found.
     *
     * @param right every product is within rounding of its exact value
     * @param sameBits a row's products do not depend on the kernel or on the number of rows
     */
    record Result(boolean right, boolean sameBits) {
    }

    private static final class Found {
        private static final Result RESULT = run();
    }

    static Result result() {
        return Found.RESULT;
    }

    private static Result run() {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = floats(random, MANY * DEPTH);
        float[] w = floats(random, OUTPUTS * DEPTH);
        try (CpuOps ops = new CpuOps(1); TensorScope scope = new TensorScope(ops.memory())) {
            Tensor rows = scope.floatsOf(x, MANY, DEPTH);
            Tensor weight = scope.floatsOf(w, OUTPUTS, DEPTH);
            Tensor y = scope.floats(MANY, OUTPUTS);
            Tensor few = rows.rows(0, FEW);
            // A weight that is seen for the first time is multiplied by oneDNN, later by its panels.
            ops.linear(few, weight, null, y.rows(0, FEW));
            float[] fewByOneDnn = y.rows(0, FEW).toFloats();
            ops.linear(few, weight, null, y.rows(0, FEW));
            float[] fewByPanels = y.rows(0, FEW).toFloats();
            ops.linear(rows.rows(0, 1), weight, null, y.rows(0, 1));
            float[] one = y.rows(0, 1).toFloats();
            ops.linear(rows, weight, null, y);
            return judge(x, w, y.toFloats(), fewByOneDnn, fewByPanels, one);
        }
    }

    private static float[] floats(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble() - 0.5f;
        }
        return values;
    }

    /** @param firsts products of the first rows alone */
    static Result judge(float[] x, float[] w, float[] many, float[]... firsts) {
        boolean right = true;
        for (int row = 0; row < FEW; row++) {
            for (int j = 0; j < OUTPUTS; j++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < DEPTH; k++) {
                    double product = (double) x[row * DEPTH + k] * w[j * DEPTH + k];
                    sum += product;
                    size += Math.abs(product);
                }
                for (float[] first : firsts) {
                    int i = row * OUTPUTS + j;
                    right &= i >= first.length || Math.abs(first[i] - sum) <= TOLERANCE * size;
                }
                right &= Math.abs(many[row * OUTPUTS + j] - sum) <= TOLERANCE * size;
            }
        }
        boolean same = Arrays.stream(firsts).allMatch(first -> Arrays.mismatch(first, 0, first.length, many, 0, first.length) < 0);
        return new Result(right, same);
    }
}
