package org.caprl.trainer.config;

/**
 * What a plan needs to know of the data.
 *
 * @param trainRows rows to learn from
 * @param evalRows held-out rows
 * @param promptTokens tokens of a prompt, image tokens included: the mean over the training rows
 */
public record DataSize(long trainRows, long evalRows, int promptTokens) {
}
