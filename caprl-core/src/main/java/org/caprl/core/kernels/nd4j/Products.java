package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Products with weights. A bfloat16 weight is widened for each call. */
final class Products {
    private Products() {
    }

    static void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        Nd.mmul(Nd.of(x), false, Nd.floats(w), true, 1, 0, Nd.of(y));
        if (bias != null) {
            Nd.of(y).addi(Nd.row(bias));
        }
    }

    static void inputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        Nd.mmul(Nd.of(dy), false, Nd.floats(w), false, 1, accumulate ? 1 : 0, Nd.of(dx));
    }

    static void weightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        INDArray d = Nd.of(dy);
        Nd.mmul(d, true, Nd.of(x), false, 1, 1, Nd.of(dw));
        if (db != null) {
            Nd.row(db).addi(d.sum(true, 0));
        }
    }
}
