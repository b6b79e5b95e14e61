package org.caprl.trainer.recipe;

import java.util.List;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.ScoredGroup;

/** All captions are written, then all are scored. */
final class InTurn extends WithinStep {
    InTurn(RolloutWork work) {
        super(work);
    }

    @Override
    ScoredRollouts of(RolloutWork work, RolloutWork.Prompts prompts, StepMetrics.Builder metrics) {
        RolloutWork.Captioned captioned = metrics.timed("rollout", () -> work.caption(prompts, GenerationListener.NONE));
        List<ScoredGroup> scored = metrics.timed("reward", () -> work.score(prompts, captioned.groups()));
        return captioned.scored(scored, work.weightVersion());
    }
}
