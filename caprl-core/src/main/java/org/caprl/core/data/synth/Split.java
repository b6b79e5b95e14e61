package org.caprl.core.data.synth;

import org.caprl.core.random.CounterRandom;

/**
 * The part of all scenes that a scene belongs to, by a hash of its facts. So no scene is in two parts, whatever the seeds and the numbers
 * of rows.
 */
public enum Split {
    /** Scenes to evaluate on. */
    EVAL,
    /** Scenes for reinforcement learning. */
    TRAIN,
    /** Scenes for the supervised warm start of policy and answerer. */
    WARM_START;

    /** The part of a scene: 3 of 20 are for evaluation, 7 for training, 10 for the warm start. */
    public static Split of(Scene scene) {
        long part = Long.remainderUnsigned(CounterRandom.hash(scene.canonical()), 20);
        return part < 3 ? EVAL : part < 10 ? TRAIN : WARM_START;
    }
}
