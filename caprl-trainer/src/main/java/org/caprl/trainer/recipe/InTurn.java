package org.caprl.trainer.recipe;

import java.util.List;
import org.caprl.core.data.Cursor;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.ScoredGroup;

/** All captions are written, then all are scored. */
final class InTurn implements Rollouts {
    private final RolloutWork work;

    InTurn(RolloutWork work) {
        this.work = work;
    }

    @Override
    public ScoredRollouts of(int step, StepMetrics.Builder metrics) {
        RolloutWork.Prompts prompts = metrics.timed("data", () -> work.read(step));
        RolloutWork.Captioned captioned = metrics.timed("rollout", () -> work.caption(prompts, GenerationListener.NONE));
        List<ScoredGroup> scored = metrics.timed("reward", () -> work.score(prompts, captioned.groups()));
        return new ScoredRollouts(captioned.groups(), scored, work.weightVersion(), captioned.counts(), captioned.seconds());
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
