package org.caprl.trainer.loss;

/**
 * Estimators of KL(π_θ ‖ π_ref) from one sampled token (Schulman, "Approximating KL divergence", 2020), as functions of
 * d = log π_ref(o_t) - log π_θ(o_t).
 */
public enum KlEstimator {
    /** k1 = -d: unbiased, of high variance, may be negative. */
    K1 {
        @Override
        public double value(double d) {
            return -d;
        }

        @Override
        public double derivative(double d) {
            return -1;
        }
    },
    /** k2 = d² / 2: biased, of low variance. */
    K2 {
        @Override
        public double value(double d) {
            return 0.5 * d * d;
        }

        @Override
        public double derivative(double d) {
            return d;
        }
    },
    /** k3 = e^d - d - 1: unbiased, of low variance, never negative. GRPO's, arXiv 2402.03300, equation 4. */
    K3 {
        @Override
        public double value(double d) {
            return Math.expm1(d) - d;
        }

        @Override
        public double derivative(double d) {
            return Math.expm1(d);
        }
    };

    /** k(d). */
    public abstract double value(double d);

    /** dk/dd; the derivative by log π_θ is its negative. */
    public abstract double derivative(double d);
}
