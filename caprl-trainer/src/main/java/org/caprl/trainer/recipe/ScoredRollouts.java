package org.caprl.trainer.recipe;

import java.util.List;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.reward.ScoredGroup;

/**
 * The captions of a step with their scores.
 *
 * @param groups a group for each prompt
 * @param scored their scores, in the same order
 * @param weightVersion version of the weights that wrote every group
 * @param counts work done for the captions
 * @param seconds that their writing took, waited for or not
 */
public record ScoredRollouts(List<RolloutGroup> groups, List<ScoredGroup> scored, long weightVersion, GenerationCounts counts,
        double seconds) {
    /** @throws IllegalStateException if a group is of other weights */
    public ScoredRollouts {
        for (RolloutGroup group : groups) {
            if (group.weightVersion() != weightVersion) {
                throw new IllegalStateException("captions of '" + group.prompt().id() + "' are of weight version " + group.weightVersion()
                        + " in a step that trains on version " + weightVersion);
            }
        }
    }
}
