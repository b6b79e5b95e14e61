package org.caprl.trainer.recipe;

import java.util.List;
import java.util.concurrent.CancellationException;
import org.caprl.core.data.Cursor;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.ScoredGroup;

/**
 * While the captions of step t are scored and trained on, those of step t + 1 are written, by the weights before update t. The weights of
 * update t are installed when they are complete; so nothing is written between two steps, when evaluations are made.
 */
final class OneStepAhead implements Rollouts {
    private final RolloutWork work;
    private Ahead ahead;
    private volatile boolean closed;

    /** The next step's captions. */
    private record Ahead(RolloutWork.Prompts prompts, Background<RolloutWork.Captioned> captioned) {
    }

    OneStepAhead(RolloutWork work) {
        this.work = work;
    }

    @Override
    public ScoredRollouts of(int step, StepMetrics.Builder metrics) {
        int lag = ahead == null ? 0 : 1;
        Ahead now = ahead == null ? begin(step, metrics) : ahead;
        RolloutWork.Captioned captioned = metrics.timed("rollout", now.captioned()::join);
        long version = work.weightVersion() - lag;
        ahead = work.pausesAfter(step) ? null : begin(step + 1, metrics);
        List<ScoredGroup> scored = metrics.timed("reward", () -> work.score(now.prompts(), captioned.groups()));
        return captioned.scored(scored, version);
    }

    private Ahead begin(int step, StepMetrics.Builder metrics) {
        RolloutWork.Prompts prompts = metrics.timed("data", () -> work.read(step));
        GenerationListener untilClosed = (finished, total, tokens) -> {
            if (closed) {
                throw new CancellationException("nobody waits for the captions of step " + step);
            }
        };
        return new Ahead(prompts, new Background<>("caprl-captions", () -> work.caption(prompts, untilClosed)));
    }

    @Override
    public void install(int step, StepMetrics.Builder metrics) {
        if (ahead != null) {
            metrics.timed("rollout", this::await);
        }
        metrics.timed("publish", () -> work.install(step));
    }

    /** Captions that were dropped are no matter of the step that was updated meanwhile; the next one will be told. */
    private void await() {
        try {
            ahead.captioned().join();
        } catch (StepDroppedException e) {
            // as said
        }
    }

    @Override
    public Cursor cursor() {
        return ahead == null ? work.cursor() : ahead.prompts().before();
    }

    @Override
    public void close() {
        closed = true;
        if (ahead != null) {
            ahead.captioned().end();
        }
    }
}
