package org.caprl.trainer.loss;

/** The weight of a token's loss in the loss of the update: L = Σ_i Σ_t w_i · l_it. The named averages differ in nothing else. */
public enum LossAverage {
    /** Mean over the tokens of each caption, then over captions: w_i = 1 / (B |o_i|). GRPO, arXiv 2402.03300, equation 3. */
    GRPO {
        @Override
        public double tokenWeight(int captionTokens, BatchTotals totals) {
            return 1.0 / ((double) totals.captions() * Math.max(1, captionTokens));
        }
    },
    /** Mean over the tokens of the loss batch: w = 1 / Σ_i |o_i|. Liger Kernel and TRL call it so. */
    BNPO {
        @Override
        public double tokenWeight(int captionTokens, BatchTotals totals) {
            return 1.0 / Math.max(1, totals.tokens());
        }
    },
    /** A constant, so that length has no influence: w = 1 / (B · maxTokens). Dr. GRPO, arXiv 2503.20783. */
    DR_GRPO {
        @Override
        public double tokenWeight(int captionTokens, BatchTotals totals) {
            return 1.0 / ((double) totals.captions() * totals.maxTokens());
        }
    },
    /**
     * Mean over the tokens of the whole step, so that each of its updates weighs a token alike: w = updatesPerStep / Σ over the step of
     * |o_i|. DAPO, arXiv 2503.14476, equation 8. Equal to {@link #BNPO} where a step has one update.
     */
    DAPO {
        @Override
        public double tokenWeight(int captionTokens, BatchTotals totals) {
            return totals.updatesPerStep() / (double) Math.max(1, totals.stepTokens());
        }
    };

    /**
     * w_i, the weight of each token of a caption.
     *
     * @param captionTokens |o_i|
     * @param totals of the step that the caption belongs to
     */
    public abstract double tokenWeight(int captionTokens, BatchTotals totals);
}
