package org.caprl.trainer.update;

import java.util.List;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;

/**
 * A prompt with its captions as the update sees them.
 *
 * @param prompt the shared prompt
 * @param captions G captions
 */
public record TrainingGroup(Prompt prompt, List<TrainingCaption> captions) {
    /**
     * One caption.
     *
     * @param ids token ids, with the EOS token where one was written; may be empty, and then counts as a caption without tokens
     * @param oldLogp tempered log-probs that the rollout recorded, one a token; null makes the ratio exactly 1
     * @param advantage Â
     * @param masked its tokens do not count (for instance truncated)
     */
    public record TrainingCaption(int[] ids, float[] oldLogp, float advantage, boolean masked) {
        /** Tokens that count. */
        public int tokens() {
            return masked ? 0 : ids.length;
        }
    }

    /** The group as the model computes it. */
    public PackedGroup packed() {
        return new PackedGroup(prompt, captions.stream().map(c -> PackedGroup.Completion.of(c.ids())).toList());
    }

    /** Tokens that count, over all captions. */
    public long tokens() {
        return captions.stream().mapToLong(TrainingCaption::tokens).sum();
    }
}
