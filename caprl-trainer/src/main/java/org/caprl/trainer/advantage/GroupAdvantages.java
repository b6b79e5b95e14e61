package org.caprl.trainer.advantage;

import java.util.Objects;

/**
 * Advantages relative to the group: Â_i = (r_i - mean(r)) / (std(r) + ε), over the G captions of one prompt (GRPO, arXiv 2402.03300,
 * section 4.1.2).
 *
 * <p>Worked example, {@code trl()}: the group {0, 0, 1, 1} has mean 1/2 and sample standard deviation 0.57735, so its advantages are
 * {-0.86588, -0.86588, 0.86588, 0.86588}.
 *
 * <p>A reward that is NaN belongs to an unscored caption: it counts neither in the mean nor in the deviation, and its advantage is 0. A
 * group with one scored caption, and a group whose rewards are all equal, say nothing about what is better: their advantages are exactly 0.
 *
 * @param scale what the deviation is taken over
 * @param std its estimator; unused with {@link Scale#NONE}
 * @param epsilon added to the deviation, ≥ 0; unused with {@link Scale#NONE}
 */
public record GroupAdvantages(Scale scale, Std std, double epsilon) {
    /** What the centred rewards are divided by. */
    public enum Scale {
        /** The standard deviation of the caption's own group. */
        GROUP,
        /** The standard deviation of all rewards of the step, around their common mean (arXiv 2508.08221). */
        BATCH,
        /** Nothing (Dr. GRPO, arXiv 2503.20783). */
        NONE
    }

    /** The estimator of the standard deviation. */
    public enum Std {
        /** Divides by n - 1: {@code torch.std}. */
        SAMPLE,
        /** Divides by n: {@code numpy.std}. */
        POPULATION
    }

    /** @throws IllegalArgumentException if {@code epsilon} is negative or not finite */
    public GroupAdvantages {
        Objects.requireNonNull(scale, "scale");
        Objects.requireNonNull(std, "std");
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon must be a finite number ≥ 0, got " + epsilon);
        }
    }

    /**
     * The advantages of one step.
     *
     * @param rewards one array a group, group sizes may differ; NaN for an unscored caption
     * @return arrays of the same shape; every value is finite
     * @throws IllegalArgumentException if a reward is infinite
     */
    public float[][] of(float[][] rewards) {
        double batchStd = scale == Scale.BATCH ? std(flatten(rewards)) : Double.NaN;
        float[][] advantages = new float[rewards.length][];
        for (int g = 0; g < rewards.length; g++) {
            float[] group = rewards[g];
            float mean = mean(group);
            double divisor = switch (scale) {
                case GROUP -> std(group) + epsilon;
                case BATCH -> batchStd + epsilon;
                case NONE -> 1.0;
            };
            boolean constant = allEqual(group);
            advantages[g] = new float[group.length];
            for (int i = 0; i < group.length; i++) {
                if (!constant && !Float.isNaN(group[i])) {
                    advantages[g][i] = (float) ((group[i] - mean) / divisor);
                }
            }
        }
        return advantages;
    }

    /**
     * Summed and rounded as a float32 tensor is. Rewards that differ by little more than their own rounding get advantages that depend
     * on how the mean rounds, so this is part of agreeing with the trainers that hold rewards in float32.
     */
    private static float mean(float[] rewards) {
        float sum = 0;
        int scored = 0;
        for (float reward : rewards) {
            if (Float.isInfinite(reward)) {
                throw new IllegalArgumentException("a reward is infinite; rewards must be finite, or NaN for an unscored caption");
            }
            if (!Float.isNaN(reward)) {
                sum += reward;
                scored++;
            }
        }
        return sum / scored;
    }

    private double std(float[] rewards) {
        float mean = mean(rewards);
        double squares = 0;
        int scored = 0;
        for (float reward : rewards) {
            if (!Float.isNaN(reward)) {
                double centred = reward - mean;
                squares += centred * centred;
                scored++;
            }
        }
        int degrees = std == Std.SAMPLE ? scored - 1 : scored;
        return degrees > 0 ? Math.sqrt(squares / degrees) : 0.0;
    }

    private static boolean allEqual(float[] rewards) {
        float first = Float.NaN;
        for (float reward : rewards) {
            if (Float.isNaN(first)) {
                first = reward;
            } else if (!Float.isNaN(reward) && reward != first) {
                return false;
            }
        }
        return true;
    }

    private static float[] flatten(float[][] groups) {
        int n = 0;
        for (float[] group : groups) {
            n += group.length;
        }
        float[] all = new float[n];
        int at = 0;
        for (float[] group : groups) {
            System.arraycopy(group, 0, all, at, group.length);
            at += group.length;
        }
        return all;
    }
}
