package org.caprl.reward;

import java.util.List;

/**
 * One component of the reward. It is given all groups of a step at once, so that it may batch across captions.
 *
 * <p>Scores must not depend on how groups are batched: random numbers come from {@link GroupToScore#key} and the caption index alone.
 */
public interface Reward {
    /** Its name in metrics ({@code reward/NAME}) and in samples: a short lower-case word. */
    String name();

    /**
     * Scores every caption.
     *
     * @return a list a group, a score a caption, in the order given. What can't be scored is {@link Score#unscored}, never a silent 0
     */
    List<List<Score>> score(List<GroupToScore> groups);
}
