package org.caprl.rollout.ray;

import java.time.Duration;

/**
 * Limits of every wait for an actor.
 *
 * @param start until it is there with its model
 * @param call for one piece of work
 * @param silence without a sign of life
 */
public record ActorLimits(Duration start, Duration call, Duration silence) {
}
