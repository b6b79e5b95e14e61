package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;

/**
 * A reward in a dry run: it takes the memory that it takes, and what comes of texts that mean nothing does not matter.
 *
 * @param reward the real one
 */
record RehearsedReward(Reward reward) implements Reward {
    @Override
    public String name() {
        return reward.name();
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        return reward.score(groups).stream().map(group -> group.stream()
                .map(score -> score.unscored().isPresent() ? Score.of(0) : score).toList()).toList();
    }
}
