package org.caprl.trainer.recipe;

import org.caprl.core.data.Cursor;
import org.caprl.core.metrics.StepMetrics;

/**
 * The first half of a step: captions of its prompts, and what they are worth. How far their writing overlaps with scoring and updates is
 * decided here ({@link Overlap}); the recipe does not see it.
 */
public interface Rollouts extends AutoCloseable {
    /**
     * The captions of a step with their scores.
     *
     * <p>Puts {@code time/data}, {@code time/rollout} (seconds that the step waited for captions) and {@code time/reward} (seconds that it
     * waited for scores after that).
     *
     * @param step from 1, one more than at the last call
     */
    ScoredRollouts of(int step, StepMetrics.Builder metrics);

    /** The update of this step was made: captions that are not begun are written by its weights. Puts {@code time/publish}. */
    void install(int step, StepMetrics.Builder metrics);

    /** Where training samples go on after the steps that were taken; rows that were read ahead come again from there. */
    Cursor cursor();

    /** Ends what is still written and drops it. */
    @Override
    void close();
}
