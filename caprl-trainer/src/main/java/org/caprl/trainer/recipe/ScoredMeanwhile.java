package org.caprl.trainer.recipe;

import org.caprl.core.metrics.StepMetrics;

/** Groups are scored on a thread of their own while others are still written. */
final class ScoredMeanwhile extends WithinStep {
    ScoredMeanwhile(RolloutWork work) {
        super(work);
    }

    @Override
    ScoredRollouts of(RolloutWork work, RolloutWork.Prompts prompts, StepMetrics.Builder metrics) {
        try (Scoring scoring = new Scoring(work, prompts)) {
            RolloutWork.Captioned captioned = metrics.timed("rollout", () -> work.caption(prompts, scoring));
            return captioned.scored(metrics.timed("reward", scoring::all), work.weightVersion());
        }
    }
}
