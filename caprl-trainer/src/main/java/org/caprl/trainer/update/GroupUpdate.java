package org.caprl.trainer.update;

import java.util.List;
import org.caprl.core.RunStoppedException;

/** Moves a policy by scored groups. Where the policy lies, in this JVM or elsewhere, is its own affair. */
@FunctionalInterface
public interface GroupUpdate {
    /**
     * Makes the updates of one step.
     *
     * @param groups of the step, in order
     * @throws RunStoppedException when loss or gradient is not finite; the weights are those before that update
     */
    UpdateReport step(List<TrainingGroup> groups);
}
