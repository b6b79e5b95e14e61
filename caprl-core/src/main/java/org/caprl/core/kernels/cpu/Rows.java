package org.caprl.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;

/** Primitive operations on one row of floats at an address. Whole vectors first, then the rest one by one. */
final class Rows {
    private Rows() {
    }

    /** y += x. */
    static void addInPlace(long y, long x, int n) {
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            Lanes.store(Lanes.load(y + 4L * i).add(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        for (; i < n; i++) {
            Lanes.set(y + 4L * i, Lanes.get(y + 4L * i) + Lanes.get(x + 4L * i));
        }
    }

    /** y *= factor. */
    static void scaleInPlace(long y, float factor, int n) {
        FloatVector f = Lanes.all(factor);
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            Lanes.store(Lanes.load(y + 4L * i).mul(f), y + 4L * i);
        }
        for (; i < n; i++) {
            Lanes.set(y + 4L * i, Lanes.get(y + 4L * i) * factor);
        }
    }

    /** Σ x·y in a fixed order. */
    static float dot(long x, long y, int n) {
        FloatVector s = Lanes.zero();
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            s = Lanes.load(x + 4L * i).fma(Lanes.load(y + 4L * i), s);
        }
        float sum = Lanes.sum(s);
        for (; i < n; i++) {
            sum = Math.fma(Lanes.get(x + 4L * i), Lanes.get(y + 4L * i), sum);
        }
        return sum;
    }

    /** The largest element; negative infinity where there is none. */
    static float max(long x, int n) {
        FloatVector m = Lanes.all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + Lanes.L <= n; i += Lanes.L) {
            m = m.max(Lanes.load(x + 4L * i));
        }
        float max = Lanes.max(m);
        for (; i < n; i++) {
            max = Math.max(max, Lanes.get(x + 4L * i));
        }
        return max;
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
