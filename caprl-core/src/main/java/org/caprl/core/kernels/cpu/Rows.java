package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Primitive operations on one row of floats at an address. Whole vectors first, then the rest one by one. */
final class Rows {
    private Rows() {
    }

    /** y += x. */
    static void addInPlace(long y, long x, int n) {
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            FloatVector sum = FloatVector.fromMemorySegment(S, ALL, y + 4L * i, ORDER);
            sum = sum.add(FloatVector.fromMemorySegment(S, ALL, x + 4L * i, ORDER));
            sum.intoMemorySegment(ALL, y + 4L * i, ORDER);
        }
        for (; i < n; i++) {
            Lanes.set(y + 4L * i, Lanes.get(y + 4L * i) + Lanes.get(x + 4L * i));
        }
    }

    /** y *= factor. */
    static void scaleInPlace(long y, float factor, int n) {
        FloatVector f = FloatVector.broadcast(S, factor);
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            FloatVector.fromMemorySegment(S, ALL, y + 4L * i, ORDER).mul(f).intoMemorySegment(ALL, y + 4L * i, ORDER);
        }
        for (; i < n; i++) {
            Lanes.set(y + 4L * i, Lanes.get(y + 4L * i) * factor);
        }
    }

    /** Σ x·y in a fixed order. */
    static float dot(long x, long y, int n) {
        FloatVector s = FloatVector.zero(S);
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            s = FloatVector.fromMemorySegment(S, ALL, x + 4L * i, ORDER).fma(FloatVector.fromMemorySegment(S, ALL, y + 4L * i, ORDER), s);
        }
        float sum = Lanes.sum(s);
        for (; i < n; i++) {
            sum = Math.fma(Lanes.get(x + 4L * i), Lanes.get(y + 4L * i), sum);
        }
        return sum;
    }

    /** The largest element; negative infinity where there is none. */
    static float max(long x, int n) {
        FloatVector m = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            m = m.max(FloatVector.fromMemorySegment(S, ALL, x + 4L * i, ORDER));
        }
        float max = m.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = Math.max(max, Lanes.get(x + 4L * i));
        }
        return max;
    }

    /** A value from element {@code n} to the end of the vector after the one that holds it; no branch to be guessed wrong. */
    static void fill(long row, int n, float value) {
        int i = n / Lanes.L * Lanes.L;
        FloatVector before = FloatVector.fromMemorySegment(S, ALL, row + 4L * i, ORDER);
        VectorMask<Float> after = FloatVector.fromMemorySegment(S, ALL, Lanes.IOTA, ORDER).compare(VectorOperators.GE, (float) (n - i));
        before.blend(value, after).intoMemorySegment(ALL, row + 4L * i, ORDER);
        FloatVector.broadcast(S, value).intoMemorySegment(ALL, row + 4L * i + Lanes.VB, ORDER);
    }

    /** Rows that are {@code step} bytes apart, one after another. */
    static void copy(int rows, int width, long from, long step, long to) {
        long row = from;
        long at = to;
        for (int j = 0; j < rows; j++) {
            int d = 0;
            for (; d + Lanes.L <= width; d += Lanes.L) {
                FloatVector.fromMemorySegment(S, ALL, row + 4L * d, ORDER).intoMemorySegment(ALL, at + 4L * d, ORDER);
            }
            for (; d < width; d++) {
                Lanes.set(at + 4L * d, Lanes.get(row + 4L * d));
            }
            row += step;
            at += 4L * width;
        }
    }

    /** The largest element that is a number, of whole vectors; negative infinity where there is none. */
    static float largest(long x, int n) {
        FloatVector a = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < n; i += Lanes.L) {
            FloatVector b = FloatVector.fromMemorySegment(S, ALL, x + 4L * i, ORDER);
            a = a.blend(b, b.compare(VectorOperators.GT, a));
        }
        return Lanes.largest(a);
    }

    /** dp = p·(dp - delta)·factor, whole vectors: gradients of scores from those of probabilities. */
    static void softmaxGradient(long p, long dp, int n, float delta, float factor) {
        for (int i = 0; i < n; i += Lanes.L) {
            FloatVector d = FloatVector.fromMemorySegment(S, ALL, dp + 4L * i, ORDER).sub(delta);
            d = d.mul(FloatVector.fromMemorySegment(S, ALL, p + 4L * i, ORDER)).mul(factor);
            d.intoMemorySegment(ALL, dp + 4L * i, ORDER);
        }
    }

    /** The smallest element; positive infinity where there is none. */
    static float min(long x, int n) {
        float min = Float.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            min = Math.min(min, Lanes.get(x + 4L * i));
        }
        return min;
    }
}
