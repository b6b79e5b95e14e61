package org.caprl.core.kernels.reference;

import java.lang.foreign.ValueLayout;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;

/** Element by element: sums, activations, the optimiser's update. */
final class ReferenceElements {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double TANH_CUBIC = 0.044715;

    private ReferenceElements() {
    }

    static void add(Tensor a, Tensor b, Tensor y) {
        Floats as = Floats.of(a);
        Floats bs = Floats.of(b);
        Floats ys = Floats.of(y);
        for (long i = 0; i < y.size(); i++) {
            ys.set(i, (double) as.get(i) + bs.get(i));
        }
    }

    static void scale(Tensor x, float factor, Tensor y) {
        Floats xs = Floats.of(x);
        Floats ys = Floats.of(y);
        for (long i = 0; i < y.size(); i++) {
            ys.set(i, (double) xs.get(i) * factor);
        }
    }

    static void swiglu(Tensor gate, Tensor up, Tensor y) {
        Floats gates = Floats.of(gate);
        Floats ups = Floats.of(up);
        Floats ys = Floats.of(y);
        for (long i = 0; i < y.size(); i++) {
            double g = gates.get(i);
            ys.set(i, g * sigmoid(g) * ups.get(i));
        }
    }

    static void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        Floats dys = Floats.of(dy);
        Floats gates = Floats.of(gate);
        Floats ups = Floats.of(up);
        Floats dGates = Floats.of(dGate);
        Floats dUps = Floats.of(dUp);
        for (long i = 0; i < dy.size(); i++) {
            double d = dys.get(i);
            double g = gates.get(i);
            double u = ups.get(i);
            double s = sigmoid(g);
            dGates.set(i, d * u * s * (1 + g * (1 - s)));
            dUps.set(i, d * g * s);
        }
    }

    static void gelu(Tensor x, Gelu kind, Tensor y) {
        Floats xs = Floats.of(x);
        Floats ys = Floats.of(y);
        for (long i = 0; i < x.size(); i++) {
            double v = xs.get(i);
            ys.set(i, switch (kind) {
                case ERF -> v * normalCdf(v);
                case TANH -> 0.5 * v * (1 + Math.tanh(tanhArgument(v)));
            });
        }
    }

    static void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        Floats dys = Floats.of(dy);
        Floats xs = Floats.of(x);
        Floats dxs = Floats.of(dx);
        for (long i = 0; i < x.size(); i++) {
            double v = xs.get(i);
            double slope = switch (kind) {
                case ERF -> normalCdf(v) + v * Math.exp(-0.5 * v * v) / Math.sqrt(2 * Math.PI);
                case TANH -> {
                    double t = Math.tanh(tanhArgument(v));
                    yield 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * TANH_CUBIC * v * v);
                }
            };
            dxs.set(i, dys.get(i) * slope);
        }
    }

    static void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        Floats xs = Floats.of(x);
        Floats ys = Floats.of(y);
        int columns = x.columns();
        for (int row = 0; row < x.dim(0); row++) {
            long rowKey = CounterRandom.with(key, firstRow + (rows == null ? row : rows.segment().getAtIndex(ValueLayout.JAVA_INT, row)));
            for (int column = 0; column < columns; column++) {
                long i = (long) row * columns + column;
                ys.set(i, CounterRandom.uniform(rowKey, column) >= rate ? xs.get(i) / (1 - (double) rate) : 0);
            }
        }
    }

    static double sumOfSquares(Tensor x) {
        Floats xs = Floats.of(x);
        double sum = 0;
        for (long i = 0; i < x.size(); i++) {
            double v = xs.get(i);
            sum += v * v;
        }
        return sum;
    }

    static void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        Floats params = Floats.of(param);
        Floats grads = Floats.of(grad);
        Floats ms = Floats.of(m);
        Floats vs = Floats.of(v);
        double correction1 = 1 - Math.pow(step.beta1(), step.step());
        double correction2 = 1 - Math.pow(step.beta2(), step.step());
        for (long i = 0; i < param.size(); i++) {
            double g = grads.get(i) * step.gradScale();
            double first = step.beta1() * ms.get(i) + (1 - step.beta1()) * g;
            double second = step.beta2() * vs.get(i) + (1 - step.beta2()) * g * g;
            double update = first / correction1 / (Math.sqrt(second / correction2) + step.epsilon());
            params.set(i, params.get(i) * (1 - step.lr() * step.weightDecay()) - step.lr() * update);
            ms.set(i, first);
            vs.set(i, second);
        }
        param.markWritten();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double tanhArgument(double x) {
        return SQRT_2_OVER_PI * (x + TANH_CUBIC * x * x * x);
    }

    /** Φ(x). */
    static double normalCdf(double x) {
        return 0.5 * (1 + erf(x / Math.sqrt(2)));
    }

    /**
     * The error function: exp(-x²)·2/√π·Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)) (Abramowitz and Stegun 7.1.6), whose terms have one sign, so that
     * nothing cancels.
     */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
