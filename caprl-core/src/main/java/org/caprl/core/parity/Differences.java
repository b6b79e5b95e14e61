package org.caprl.core.parity;

/** Differences of arrays that were brought to the host. A difference with a value that is not a number is not a number. */
final class Differences {
    private Differences() {
    }

    /** max |a[aFrom + i] - b[bFrom + i]|. */
    static double max(float[] a, int aFrom, float[] b, int bFrom, int count) {
        double max = 0;
        for (int i = 0; i < count; i++) {
            double d = Math.abs((double) a[aFrom + i] - b[bFrom + i]);
            if (!(d <= max)) {
                max = d;
            }
            if (Double.isNaN(max)) {
                return max;
            }
        }
        return max;
    }

    /** max |a - b|; infinite where the lengths differ. */
    static double max(float[] a, float[] b) {
        return a.length == b.length ? max(a, 0, b, 0, a.length) : Double.POSITIVE_INFINITY;
    }

    /** max |a|. */
    static double largest(float[] a) {
        return max(a, new float[a.length]);
    }

    /** ‖a - b‖ over the first {@code count} entries. */
    static double norm(float[] a, float[] b, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            double d = (double) a[i] - b[i];
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    /** ‖a‖. */
    static double norm(float[] a) {
        return norm(a, new float[a.length], a.length);
    }

    /** Places that differ, and those that only one has. */
    static int mismatches(int[] a, int[] b) {
        return mismatches(a, b, 0);
    }

    /** The same, from place {@code from} on. */
    static int mismatches(int[] a, int[] b, int from) {
        int count = Math.abs(a.length - b.length);
        for (int i = from; i < Math.min(a.length, b.length); i++) {
            if (a[i] != b[i]) {
                count++;
            }
        }
        return count;
    }
}
