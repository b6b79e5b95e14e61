package org.caprl.reward;

import java.util.List;
import java.util.Objects;
import org.caprl.core.data.CaptionSample;

/**
 * The captions of one sample that want scores.
 *
 * @param sample what was captioned, with its questions
 * @param captions in the order of their caption index
 * @param key of all random numbers of this scoring ({@link org.caprl.core.random.CounterRandom#key}: run seed, step, sample)
 */
public record GroupToScore(CaptionSample sample, List<CaptionText> captions, long key) {
    /** A group; the list is copied. */
    public GroupToScore {
        Objects.requireNonNull(sample, "sample");
        captions = List.copyOf(captions);
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
