/**
 * Captions by several writers at once, wherever they are: who gets which groups, what happens to those of a writer that is lost, silent or
 * slow. Nothing here knows Ray.
 */
package org.caprl.rollout.pool;
