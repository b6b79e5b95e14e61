package org.caprl.core.data;

import java.util.List;
import org.caprl.core.generate.Caption;
import org.caprl.core.model.Prompt;

/**
 * All captions of one prompt, drawn by the same weights. A group stays whole: advantages compare its captions with each other, and the
 * prompt is computed once for all of them.
 *
 * @param prompt ids and images; its id is the sample's
 * @param captions G of them, in order of their caption index
 * @param weightVersion version of the weights that wrote them
 */
public record RolloutGroup(Prompt prompt, List<Caption> captions, long weightVersion) {
    /** @throws IllegalArgumentException if there is no caption, or one of other weights */
    public RolloutGroup {
        captions = List.copyOf(captions);
        if (captions.isEmpty()) {
            throw new IllegalArgumentException("the group of '" + prompt.id() + "' has no captions");
        }
        for (Caption caption : captions) {
            if (caption.weightVersion() != weightVersion) {
                throw new IllegalArgumentException("the group of '" + prompt.id() + "' is of weight version " + weightVersion
                        + ", one of its captions of version " + caption.weightVersion());
            }
        }
    }

    /** Number of captions, G. */
    public int size() {
        return captions.size();
    }

    /** Tokens of all captions. */
    public int captionTokens() {
        return captions.stream().mapToInt(Caption::length).sum();
    }
}
