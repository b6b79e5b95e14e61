package org.caprl.reward;

import java.util.List;
import java.util.Objects;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.random.CounterRandom;

/**
 * The captions of one sample that want scores.
 *
 * @param sample what was captioned, with its questions
 * @param captions in the order of their caption index
 * @param key of all random numbers of this scoring ({@link #key})
 * @param first caption index of the first: not 0 where only a part of a group is scored
 */
public record GroupToScore(CaptionSample sample, List<CaptionText> captions, long key, int first) {
    private static final long REWARD = CounterRandom.hash("reward");

    /** A whole group. */
    public GroupToScore(CaptionSample sample, List<CaptionText> captions, long key) {
        this(sample, captions, key, 0);
    }

    /** The list is copied. */
    public GroupToScore {
        Objects.requireNonNull(sample, "sample");
        captions = List.copyOf(captions);
    }

    /** The key of a sample's captions in a step of a run. */
    public static long key(long seed, long step, String sample) {
        return CounterRandom.key(seed, REWARD, step, CounterRandom.hash(sample));
    }

    /** The key of the i-th of these captions. */
    public long captionKey(int i) {
        return CounterRandom.with(key, first + i);
    }

    /**
     * A caption as a reward sees it.
     *
     * @param text without special tokens
     * @param tokens its length in the policy's tokens
     */
    public record CaptionText(String text, int tokens) {
    }
}
