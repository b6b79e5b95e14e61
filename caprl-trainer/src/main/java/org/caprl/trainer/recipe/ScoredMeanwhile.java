package org.caprl.trainer.recipe;

import java.util.List;
import org.caprl.core.data.Cursor;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.ScoredGroup;

/** Groups are scored on a thread of their own while others are still written. */
final class ScoredMeanwhile implements Rollouts {
    private final RolloutWork work;

    ScoredMeanwhile(RolloutWork work) {
        this.work = work;
    }

    @Override
    public ScoredRollouts of(int step, StepMetrics.Builder metrics) {
        RolloutWork.Prompts prompts = metrics.timed("data", () -> work.read(step));
        try (Scoring scoring = new Scoring(work, prompts)) {
            RolloutWork.Captioned captioned = metrics.timed("rollout", () -> work.caption(prompts, scoring));
            List<ScoredGroup> scored = metrics.timed("reward", scoring::all);
            return new ScoredRollouts(captioned.groups(), scored, work.weightVersion(), captioned.counts(), captioned.seconds());
        }
    }

    @Override
    public void install(int step, StepMetrics.Builder metrics) {
        metrics.timed("publish", () -> work.install(step));
    }

    @Override
    public Cursor cursor() {
        return work.cursor();
    }

    @Override
    public void close() {
        // Nothing goes on between two calls.
    }
}
