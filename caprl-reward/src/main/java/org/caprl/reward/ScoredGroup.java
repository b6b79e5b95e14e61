package org.caprl.reward;

import java.util.List;
import org.caprl.core.data.CaptionSample;

/**
 * The captions of one sample with their rewards.
 *
 * @param sample what was captioned
 * @param captions in the order of their caption index
 */
public record ScoredGroup(CaptionSample sample, List<ScoredCaption> captions) {
    /** A group; the list is copied. */
    public ScoredGroup {
        captions = List.copyOf(captions);
    }

    /** The totals, float[G]; NaN for an unscored caption: what advantages are computed from. */
    public float[] totals() {
        float[] totals = new float[captions.size()];
        for (int i = 0; i < totals.length; i++) {
            totals[i] = (float) captions.get(i).total();
        }
        return totals;
    }

    /** Captions without a total. */
    public int unscored() {
        return (int) captions.stream().filter(caption -> caption.unscored().isPresent()).count();
    }
}
