package org.caprl.trainer.loss;

import java.util.Arrays;

/** What the importance ratio ρ compares: each token, or the caption as a whole. */
public enum RatioLevel {
    /** log ρ_t = log π_θ(o_t) - log π_old(o_t). GRPO, arXiv 2402.03300. */
    TOKEN {
        @Override
        void forward(double[] logRatio) {
        }

        @Override
        void backward(double[] gradient) {
        }

        @Override
        int ratios(int tokens) {
            return tokens;
        }
    },
    /** One ratio for all tokens: the mean of log ρ_t over the caption. GSPO, arXiv 2507.18071, equation 7. */
    SEQUENCE {
        @Override
        void forward(double[] logRatio) {
            spreadMean(logRatio);
        }

        // The mean is symmetric, so its transpose is itself.
        @Override
        void backward(double[] gradient) {
            spreadMean(gradient);
        }

        @Override
        int ratios(int tokens) {
            return Math.min(1, tokens);
        }
    };

    /** Replaces the token log-ratios of one caption by the log-ratios of this level. */
    abstract void forward(double[] logRatio);

    /** Replaces the gradient by this level's log-ratios by the gradient by the token log-ratios. */
    abstract void backward(double[] gradient);

    /** How many different ratios a caption has: the denominator of shares such as the clip share. */
    abstract int ratios(int tokens);

    private static void spreadMean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        Arrays.fill(values, sum / values.length);
    }
}
