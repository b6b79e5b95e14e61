/**
 * Captions on a Ray cluster. One of the two rooms that know Ray: what crosses to another process is {@code byte[]}, every wait has a
 * limit and says what it waits for, and what one actor had in hand when it was lost is done by another.
 */
package org.caprl.rollout.ray;
