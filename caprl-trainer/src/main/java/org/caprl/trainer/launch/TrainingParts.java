package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.LetterReader;
import org.caprl.rollout.CaptionEngine;

/** What a run works with, wherever each part is. All begin with the weights of {@code policy.path}, which are version 0. */
public interface TrainingParts extends AutoCloseable {
    /** Writes captions. After {@link PolicyTrainer#restore} or an update, {@link CaptionEngine#install} brings it the trainer's weights. */
    CaptionEngine engine();

    /** Answers the questions of an evaluation. */
    LetterReader answerer();

    /** What captions are worth; scores may be asked for while the engine writes. */
    WeightedRewards rewards();

    /** Updates the policy. */
    PolicyTrainer trainer();

    /** Puts what only the placement knows of a step that was completed: memory, captions by actor, seconds of recovery. */
    void contribute(StepMetrics.Builder metrics);

    /** What a user should know of what happened to the parts since the last call, a line each. */
    default List<String> takeNotices() {
        return List.of();
    }

    /** Closes all parts, also after a failure of one of them. */
    @Override
    void close();
}
