package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponential and its relatives on vectors, within 2 ulp, and the same on one float with the same bits, for what is left of a row.
 *
 * <p>The exponential is that of Cephes ({@code expf.c}): x = n·ln 2 + r, a polynomial in r, and n added to the exponent. Inputs below
 * -87.3 give the value there, 1.2e-38, and inputs above 88.3 the value at 88.3.
 */
final class VectorMath {
    private static final float LOG2E = 1.44269504088896341f;
    /** 1.5·2²³: adding it rounds to an integer, which then stands in the lowest bits. */
    private static final float MAGIC = 12582912f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float LOWEST = -87.3f;
    private static final float HIGHEST = 88.3f;
    private static final float P0 = 1.9875691500e-4f;
    private static final float P1 = 1.3981999507e-3f;
    private static final float P2 = 8.3334519073e-3f;
    private static final float P3 = 4.1665795894e-2f;
    private static final float P4 = 1.6666665459e-1f;
    private static final float P5 = 5.0000001201e-1f;

    private VectorMath() {
    }

    static FloatVector exp(FloatVector x) {
        // Not min and max: their rules for NaN and -0 cost more than the polynomial.
        FloatVector v = x.blend(HIGHEST, x.compare(VectorOperators.GT, HIGHEST));
        v = v.blend(LOWEST, v.compare(VectorOperators.LT, LOWEST));
        FloatVector t = v.fma(FloatVector.broadcast(S, LOG2E), FloatVector.broadcast(S, MAGIC));
        FloatVector n = t.sub(MAGIC);
        FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), v);
        r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(S, P0), FloatVector.broadcast(S, P1));
        p = p.fma(r, FloatVector.broadcast(S, P2));
        p = p.fma(r, FloatVector.broadcast(S, P3));
        p = p.fma(r, FloatVector.broadcast(S, P4));
        p = p.fma(r, FloatVector.broadcast(S, P5));
        p = p.fma(r.mul(r), r).add(1f);
        return p.reinterpretAsInts().add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    }

    static float exp(float x) {
        float v = Math.max(Math.min(x, HIGHEST), LOWEST);
        float t = Math.fma(v, LOG2E, MAGIC);
        float n = t - MAGIC;
        float r = Math.fma(n, -LN2_HIGH, v);
        r = Math.fma(n, -LN2_LOW, r);
        float p = Math.fma(r, P0, P1);
        p = Math.fma(p, r, P2);
        p = Math.fma(p, r, P3);
        p = Math.fma(p, r, P4);
        p = Math.fma(p, r, P5);
        p = Math.fma(p, r * r, r) + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(t) << 23));
    }

    /**
     * to = e^(from·factor + shift) for {@code n} floats; returns their sum. The body of {@link #exp(FloatVector)} stands here once more:
     * so the method is too long to be inlined, and no caller can grow so much that the compiler stops in the middle of it.
     */
    static float exponentials(long from, long to, int n, float factor, float shift) {
        FloatVector sum = FloatVector.zero(S);
        int j = 0;
        for (; j + Lanes.L <= n; j += Lanes.L) {
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, from + 4L * j, ORDER);
            FloatVector v = x.fma(FloatVector.broadcast(S, factor), FloatVector.broadcast(S, shift));
            v = v.blend(HIGHEST, v.compare(VectorOperators.GT, HIGHEST));
            v = v.blend(LOWEST, v.compare(VectorOperators.LT, LOWEST));
            FloatVector t = v.fma(FloatVector.broadcast(S, LOG2E), FloatVector.broadcast(S, MAGIC));
            FloatVector w = t.sub(MAGIC);
            FloatVector r = w.fma(FloatVector.broadcast(S, -LN2_HIGH), v);
            r = w.fma(FloatVector.broadcast(S, -LN2_LOW), r);
            FloatVector p = r.fma(FloatVector.broadcast(S, P0), FloatVector.broadcast(S, P1));
            p = p.fma(r, FloatVector.broadcast(S, P2));
            p = p.fma(r, FloatVector.broadcast(S, P3));
            p = p.fma(r, FloatVector.broadcast(S, P4));
            p = p.fma(r, FloatVector.broadcast(S, P5));
            p = p.fma(r.mul(r), r).add(1f);
            p = p.reinterpretAsInts().add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
            p.intoMemorySegment(ALL, to + 4L * j, ORDER);
            sum = sum.add(p);
        }
        float total = Lanes.sum(sum);
        for (; j < n; j++) {
            float e = exp(Math.fma(Lanes.get(from + 4L * j), factor, shift));
            Lanes.set(to + 4L * j, e);
            total += e;
        }
        return total;
    }

    /** 1 / (1 + e^-x). */
    static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(S, 1f).div(exp(x.neg()).add(1f));
    }

    static float sigmoid(float x) {
        return 1f / (exp(-x) + 1f);
    }

    /**
     * The complementary error function for arguments of either sign: the rational Chebyshev fit of Numerical Recipes ({@code erfcc}), of
     * fractional error below 1.2e-7.
     */
    static FloatVector erfc(FloatVector x) {
        FloatVector z = x.abs();
        FloatVector t = FloatVector.broadcast(S, 1f).div(z.fma(FloatVector.broadcast(S, 0.5f), FloatVector.broadcast(S, 1f)));
        FloatVector p = t.fma(FloatVector.broadcast(S, 0.17087277f), FloatVector.broadcast(S, -0.82215223f));
        p = p.fma(t, FloatVector.broadcast(S, 1.48851587f));
        p = p.fma(t, FloatVector.broadcast(S, -1.13520398f));
        p = p.fma(t, FloatVector.broadcast(S, 0.27886807f));
        p = p.fma(t, FloatVector.broadcast(S, -0.18628806f));
        p = p.fma(t, FloatVector.broadcast(S, 0.09678418f));
        p = p.fma(t, FloatVector.broadcast(S, 0.37409196f));
        p = p.fma(t, FloatVector.broadcast(S, 1.00002368f));
        p = p.fma(t, FloatVector.broadcast(S, -1.26551223f));
        FloatVector y = t.mul(exp(z.mul(z).neg().add(p)));
        return y.blend(FloatVector.broadcast(S, 2f).sub(y), x.compare(VectorOperators.LT, 0f));
    }

    static float erfc(float x) {
        float z = Math.abs(x);
        float t = 1f / Math.fma(z, 0.5f, 1f);
        float p = Math.fma(t, 0.17087277f, -0.82215223f);
        p = Math.fma(p, t, 1.48851587f);
        p = Math.fma(p, t, -1.13520398f);
        p = Math.fma(p, t, 0.27886807f);
        p = Math.fma(p, t, -0.18628806f);
        p = Math.fma(p, t, 0.09678418f);
        p = Math.fma(p, t, 0.37409196f);
        p = Math.fma(p, t, 1.00002368f);
        p = Math.fma(p, t, -1.26551223f);
        float y = t * exp(-(z * z) + p);
        return x < 0f ? 2f - y : y;
    }
}
