package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * Limits of every wait for an actor.
 *
 * @param startSeconds for an actor to be there with its model
 * @param callSeconds for the answer to a call
 * @param silenceSeconds without a sign of life
 * @param failuresInRow before the run stops
 */
public record RayLimitsSection(
        @Key(doc = "Most seconds until an actor has started and loaded its model.", defaultValue = "300", min = 1) int startSeconds,
        @Key(doc = "Most seconds for one piece of work of an actor.", defaultValue = "600", min = 1) int callSeconds,
        @Key(doc = "An actor that gave no sign of life for this many seconds is taken for lost.", defaultValue = "60", min = 1)
        int silenceSeconds,
        @Key(doc = "Most losses of an actor, and of those in its place, without a further step in between; one more stops the run.",
                defaultValue = "3", min = 0)
        int failuresInRow) {
}
