package org.caprl.core.parity;

/**
 * The largest of some differences.
 *
 * @param largest the difference; infinite where a value was not a number or had no counterpart
 * @param tolerance largest difference that passes
 * @param where what it belongs to
 */
record Finding(double largest, double tolerance, String where) {
    boolean passes() {
        return largest <= tolerance;
    }

    /** Gathers differences of one quantity. */
    static final class Largest {
        private double value;
        private String where = "";

        Largest add(double difference, String name) {
            double d = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            if (d > value) {
                value = d;
                where = name;
            }
            return this;
        }

        Finding of(Quantity quantity) {
            return new Finding(value, quantity.tolerance(), where);
        }
    }

    /** Adds up mismatches of one quantity. */
    static final class Count {
        private long sum;
        private String where = "";

        Count add(long mismatches, String name) {
            if (sum == 0 && mismatches > 0) {
                where = name;
            }
            sum += mismatches;
            return this;
        }

        long sum() {
            return sum;
        }

        String where() {
            return where;
        }

        Finding of(Quantity quantity) {
            return new Finding(sum, quantity.tolerance(), where);
        }
    }
}
