package org.caprl.trainer.config;

/**
 * What a plan needs to know of the data.
 *
 * @param trainRows rows to learn from; 0 where that is not known
 * @param evalRows held-out rows; 0 where that is not known
 * @param promptTokens tokens of a prompt, image tokens included: the mean over the training rows
 */
public record DataSize(long trainRows, long evalRows, int promptTokens) {
    /** Of data that nobody has seen. */
    public static DataSize unseen(int promptTokens) {
        return new DataSize(0, 0, promptTokens);
    }
}
