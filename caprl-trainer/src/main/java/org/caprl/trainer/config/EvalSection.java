package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * What is measured on held-out images: one greedy caption an image, each of its questions once.
 *
 * @param images number of rows
 */
public record EvalSection(
        @Key(doc = "Rows of `data.eval` that an evaluation takes, from the first; 0 takes all.", defaultValue = "0", min = 0) int images) {
}
