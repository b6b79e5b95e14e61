package org.caprl.rollout;

import org.caprl.core.model.Prompt;
import org.caprl.core.random.CounterRandom;

/**
 * One prompt to caption.
 *
 * @param prompt ids and images
 * @param keys random key of each caption; as many as captions are wanted
 */
public record CaptionRequest(Prompt prompt, long[] keys) {
    private static final long CAPTION = CounterRandom.hash("caption");

    /** A group of {@code captions} captions whose keys follow from run seed, step, sample and caption index alone. */
    public static CaptionRequest of(Prompt prompt, int captions, long seed, long step) {
        long[] keys = new long[captions];
        for (int i = 0; i < captions; i++) {
            keys[i] = CounterRandom.key(seed, CAPTION, step, CounterRandom.hash(prompt.id()), i);
        }
        return new CaptionRequest(prompt, keys);
    }
}
