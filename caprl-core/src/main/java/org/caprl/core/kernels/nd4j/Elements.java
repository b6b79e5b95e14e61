package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;
import org.nd4j.linalg.factory.Nd4j;

/** Activations and their gradients. */
final class Elements {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    private Elements() {
    }

    static void swiglu(Tensor gate, Tensor up, Tensor y) {
        Nd.sigmoid(Nd.of(gate), Nd.of(y)).muli(Nd.of(gate)).muli(Nd.of(up));
    }

    /** With s = σ(gate): dUp = dy·gate·s, dGate = dy·up·(s + gate·s·(1 - s)). */
    static void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        INDArray d = Nd.of(dy);
        INDArray s = Nd.sigmoid(Nd.of(gate), Nd.empty(d.shape()));
        INDArray gated = s.mul(Nd.of(gate));
        INDArray slope = s.rsub(1).muli(gated).addi(s).muli(Nd.of(up)).muli(d);
        d.mul(gated, Nd.of(dUp));
        Nd.of(dGate).assign(slope);
    }

    static void gelu(Tensor x, Gelu kind, Tensor y) {
        INDArray v = Nd.of(x);
        switch (kind) {
            case ERF -> cdf(v).mul(v, Nd.of(y));
            case TANH -> tanh(v).addi(1).muli(0.5).mul(v, Nd.of(y));
        }
    }

    static void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        INDArray v = Nd.of(x);
        INDArray slope = switch (kind) {
            case ERF -> cdf(v).addi(Nd.exp(v.mul(v).muli(-0.5)).muli(1 / Math.sqrt(2 * Math.PI)).muli(v));
            case TANH -> {
                // 0.5·(1 + t) + 0.5·v·(1 - t²)·√(2/π)·(1 + 3·0.044715·v²)
                INDArray t = tanh(v);
                INDArray inner = v.mul(v).muli(3 * CUBIC).addi(1).muli(v).muli(0.5 * SQRT_2_OVER_PI);
                inner.muli(t.mul(t).rsubi(1));
                yield t.addi(1).muli(0.5).addi(inner);
            }
        };
        slope.mul(Nd.of(dy), Nd.of(dx));
    }

    /** Φ(x). */
    private static INDArray cdf(INDArray x) {
        INDArray y = x.mul(1 / Math.sqrt(2));
        Nd4j.exec(new Erf(y, y));
        return y.addi(1).muli(0.5);
    }

    private static INDArray tanh(INDArray x) {
        INDArray y = x.mul(x).muli(CUBIC).addi(1).muli(x).muli(SQRT_2_OVER_PI);
        Nd4j.exec(new Tanh(y, y));
        return y;
    }
}
