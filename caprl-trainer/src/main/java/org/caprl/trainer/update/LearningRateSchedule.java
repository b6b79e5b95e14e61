package org.caprl.trainer.update;

import java.util.Objects;

/**
 * The learning rate of each optimiser update: linear warm-up, then a shape. The numbers are those of {@code transformers.get_scheduler}
 * with {@code constant_with_warmup}, {@code linear} and {@code cosine}.
 *
 * <p>Updates count from 0, and the warm-up starts at 0: with {@code warmupUpdates = 1} the first update has learning rate 0. Worked
 * example, peak 2, warm-up 1, total 3, linear: the rates are 0, 2, 1.
 *
 * @param peak the rate at the end of the warm-up
 * @param warmupUpdates updates until the peak, ≥ 0
 * @param totalUpdates updates of the whole run, where {@link Shape#LINEAR} and {@link Shape#COSINE} reach 0
 * @param shape the course after the warm-up
 */
public record LearningRateSchedule(double peak, long warmupUpdates, long totalUpdates, Shape shape) {
    /** The course after the warm-up; p runs from 0 at its end to 1 at the end of the run. */
    public enum Shape {
        /** 1. */
        CONSTANT {
            @Override
            double factor(double p) {
                return 1.0;
            }
        },
        /** 1 - p. */
        LINEAR {
            @Override
            double factor(double p) {
                return Math.max(0.0, 1.0 - p);
            }
        },
        /** (1 + cos πp) / 2. */
        COSINE {
            @Override
            double factor(double p) {
                return Math.max(0.0, 0.5 * (1.0 + Math.cos(Math.PI * p)));
            }
        };

        abstract double factor(double p);
    }

    /** @throws IllegalArgumentException if the peak is negative or not finite, or a count is negative */
    public LearningRateSchedule {
        Objects.requireNonNull(shape, "shape");
        if (!(peak >= 0) || Double.isInfinite(peak)) {
            throw new IllegalArgumentException("the peak learning rate must be a finite number ≥ 0, got " + peak);
        }
        if (warmupUpdates < 0 || totalUpdates < 0) {
            throw new IllegalArgumentException("warmupUpdates and totalUpdates must be ≥ 0, got " + warmupUpdates + " and " + totalUpdates);
        }
    }

    /** The rate of the update with this index, counted from 0 over the whole run (also after a resume). */
    public double at(long update) {
        if (update < warmupUpdates) {
            return peak * update / warmupUpdates;
        }
        return peak * shape.factor((double) (update - warmupUpdates) / Math.max(1, totalUpdates - warmupUpdates));
    }
}
