package org.caprl.rollout.weights;

import java.time.Duration;

/**
 * Someone who writes captions and takes weights for it.
 *
 * @param <C> reference to a chunk
 */
public interface WeightReceiver<C> {
    /** Who and where, for errors. */
    String name();

    /** Begins to take weights and returns at once. */
    Pending install(WeightSet<C> weights);

    /** An installation that has begun. */
    interface Pending {
        /**
         * What the receiver has afterwards.
         *
         * @throws org.caprl.core.RunStoppedException if it does not say so in time
         */
        Confirmation await(Duration limit);
    }

    /**
     * What a receiver says that it has.
     *
     * @param version of its weights
     * @param digest that it computed of the bytes that it got
     */
    record Confirmation(long version, String digest) {
    }
}
