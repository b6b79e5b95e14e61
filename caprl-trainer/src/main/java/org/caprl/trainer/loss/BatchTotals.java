package org.caprl.trainer.loss;

/**
 * Totals over a whole step, the denominators of {@link LossAverage}. They are known before the first micro-batch runs, so the way
 * captions are cut into micro-batches, or spread over workers, can't change the loss.
 *
 * @param captions B: captions of the loss batch (one optimiser update), masked ones too
 * @param tokens unmasked tokens of the loss batch
 * @param stepTokens unmasked tokens of all loss batches into which the step's captions are cut
 * @param updatesPerStep the number of those loss batches
 * @param maxTokens the most tokens a caption may have (the rollout's limit, not the longest caption)
 */
public record BatchTotals(int captions, long tokens, long stepTokens, int updatesPerStep, int maxTokens) {
    /** @throws IllegalArgumentException if a count is impossible */
    public BatchTotals {
        if (captions < 1 || tokens < 0 || stepTokens < tokens || updatesPerStep < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("impossible totals: captions " + captions + ", tokens " + tokens
                    + ", stepTokens " + stepTokens + ", updatesPerStep " + updatesPerStep + ", maxTokens " + maxTokens);
        }
    }

    /** Totals of a step with one update. */
    public static BatchTotals ofOneUpdate(int captions, long tokens, int maxTokens) {
        return new BatchTotals(captions, tokens, tokens, 1, maxTokens);
    }
}
