package org.caprl.trainer.update;

/** Whether backward computes the blocks of the model a second time, which saves memory and changes no bit of the result. */
public enum Recompute {
    /** Where a group has more tokens than {@code micro_batch_tokens}. */
    AUTO,
    /** Never: the activations of all blocks are kept. */
    NONE,
    /** Always: the activations of one block at a time, for about a third more arithmetic. */
    BLOCKS;

    /** Whether a group of so many rows is recomputed. */
    public boolean applies(long rows, int microBatchTokens) {
        return this == BLOCKS || this == AUTO && rows > microBatchTokens;
    }
}
