package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.update.LearningRateSchedule;

/**
 * The course of the learning rate: linear warm-up from 0, then a shape.
 *
 * @param kind shape after the warm-up
 * @param warmupSteps length of the warm-up
 */
public record ScheduleSection(
        @Key(doc = "After the warm-up: `constant`, or `linear` or `cosine` down to 0 at the last step.", defaultValue = "constant")
        LearningRateSchedule.Shape kind,
        @Key(doc = "Steps in which the rate rises from 0 to `lr`.", defaultValue = "0", min = 0) int warmupSteps) {
    /**
     * The rate of every update.
     *
     * @param peak rate at the end of the warm-up
     * @param updatesPerStep optimiser updates of a step
     * @param steps of the run
     */
    public LearningRateSchedule rates(double peak, int updatesPerStep, int steps) {
        return new LearningRateSchedule(peak, (long) warmupSteps * updatesPerStep, (long) steps * updatesPerStep, kind);
    }
}
