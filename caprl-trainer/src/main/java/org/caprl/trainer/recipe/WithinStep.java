package org.caprl.trainer.recipe;

import org.caprl.core.data.Cursor;
import org.caprl.core.metrics.StepMetrics;

/** Rollouts that begin and end within their step, by the weights that the step then updates: nothing goes on between two calls. */
abstract class WithinStep implements Rollouts {
    private final RolloutWork work;

    WithinStep(RolloutWork work) {
        this.work = work;
    }

    /** Captions of the prompts with their scores; puts {@code time/rollout} and {@code time/reward}. */
    abstract ScoredRollouts of(RolloutWork work, RolloutWork.Prompts prompts, StepMetrics.Builder metrics);

    @Override
    public final ScoredRollouts of(int step, StepMetrics.Builder metrics) {
        return of(work, metrics.timed("data", () -> work.read(step)), metrics);
    }

    @Override
    public final void install(int step, StepMetrics.Builder metrics) {
        metrics.timed("publish", () -> work.install(step));
    }

    @Override
    public final Cursor cursor() {
        return work.cursor();
    }

    @Override
    public final void close() {
        // Nothing goes on.
    }
}
