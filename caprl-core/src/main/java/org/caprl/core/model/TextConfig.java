package org.caprl.core.model;

import org.caprl.core.nn.Rope;

/**
 * Numbers of a text decoder.
 *
 * @param vocab rows of the embedding table
 * @param hidden width
 * @param inner width inside the MLP
 * @param layers decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim columns of one head
 * @param epsilon of the norms
 * @param qkvBias whether query, key and value projections have a bias
 * @param tied whether the head is the embedding table
 * @param maxPositions longest sequence
 * @param rope rotary frequencies
 */
public record TextConfig(int vocab, int hidden, int inner, int layers, int heads, int kvHeads, int headDim, float epsilon,
        boolean qkvBias, boolean tied, int maxPositions, Rope rope) {
    /** What others need to know. */
    public CausalLm.TextShape shape() {
        return new CausalLm.TextShape(layers, hidden, kvHeads * headDim, vocab, maxPositions);
    }
}
