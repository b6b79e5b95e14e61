/**
 * What a run keeps on disk, so that it can be killed at any moment and goes on from its last checkpoint with the same numbers.
 *
 * <p>For recipes, which open a {@link org.caprl.trainer.state.RunDirectory} and save to it.
 */
package org.caprl.trainer.state;
