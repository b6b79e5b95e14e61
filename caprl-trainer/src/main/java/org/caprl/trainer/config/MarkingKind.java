package org.caprl.trainer.config;

import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.ProbabilityMarking;
import org.caprl.reward.qa.SampledMarking;

/** How answers are marked. */
public enum MarkingKind {
    /** {@link SampledMarking}. */
    ANSWER,
    /** {@link ProbabilityMarking}. */
    PROBABILITY;

    /** @param temperature of the answers */
    Marking at(double temperature) {
        return this == ANSWER ? new SampledMarking() : new ProbabilityMarking(temperature);
    }
}
