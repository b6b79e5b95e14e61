package org.caprl.trainer.recipe;

import java.util.function.Function;

/** What of a step happens at the same time. */
public enum Overlap {
    /** Nothing: all captions are written, then scored, then trained on. */
    NONE(InTurn::new),
    /** Captions are scored while others are still written; the numbers are those of {@link #NONE}. */
    REWARD(ScoredMeanwhile::new),
    /**
     * Captions of the next step are written while this step's are scored and trained on, so by weights one update older; the ratio is
     * against the log-probs that were recorded. After a step with a checkpoint nothing is written ahead, so that a run that goes on from it
     * has the numbers of one that was not interrupted.
     */
    STEP(OneStepAhead::new);

    private final Function<RolloutWork, Rollouts> order;

    Overlap(Function<RolloutWork, Rollouts> order) {
        this.order = order;
    }

    /** The first half of every step, done so. */
    public Rollouts of(RolloutWork work) {
        return order.apply(work);
    }
}
