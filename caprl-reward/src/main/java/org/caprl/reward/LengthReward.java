package org.caprl.reward;

import java.util.List;

/**
 * 1 for captions of up to L1 tokens, falling linearly to 0 at L2. Worked example with (2048, 3072): 2048 tokens give 1, 2560 give 0.5,
 * 3072 give 0.
 *
 * @param full L1 ≥ 0: the longest caption with the full reward, in tokens of the policy
 * @param zero L2 > L1: the shortest caption without any
 */
public record LengthReward(int full, int zero) implements Reward {
    /** @throws IllegalArgumentException if not 0 ≤ L1 < L2 */
    public LengthReward {
        if (full < 0 || zero <= full) {
            throw new IllegalArgumentException("the length reward needs 0 ≤ L1 < L2, got L1 = " + full + ", L2 = " + zero);
        }
    }

    @Override
    public String name() {
        return "length";
    }

    /** The reward of a caption of this many tokens. */
    public double of(int tokens) {
        return Math.clamp((double) (zero - tokens) / (zero - full), 0.0, 1.0);
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        return groups.stream().map(group -> group.captions().stream().map(caption -> Score.of(of(caption.tokens()))).toList()).toList();
    }
}
