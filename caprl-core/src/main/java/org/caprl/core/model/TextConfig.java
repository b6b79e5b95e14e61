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
 * @param outBias whether the attention's output projection has a bias
 * @param mlpBias whether the projections of the MLP have a bias
 * @param headNorms whether each query and key head is normed before rotary
 * @param tied whether the head is the embedding table
 * @param padding the token whose embedding is not trained by its uses in prompts ({@code pad_token_id}); -1 for none
 * @param maxPositions longest sequence
 * @param rope rotary frequencies
 */
public record TextConfig(int vocab, int hidden, int inner, int layers, int heads, int kvHeads, int headDim, float epsilon,
        boolean qkvBias, boolean outBias, boolean mlpBias, boolean headNorms, boolean tied, int padding, int maxPositions,
        Rope rope) {
    /** What others need to know. */
    public CausalLm.TextShape shape() {
        return new CausalLm.TextShape(layers, hidden, kvHeads * headDim, vocab, maxPositions);
    }

    /** The same numbers, with biases on query, key and value. */
    public TextConfig withQkvBias() {
        return new TextConfig(vocab, hidden, inner, layers, heads, kvHeads, headDim, epsilon, true, outBias, mlpBias, headNorms, tied,
                padding, maxPositions, rope);
    }

    /** The same numbers, with norms of query and key heads. */
    public TextConfig withHeadNorms() {
        return new TextConfig(vocab, hidden, inner, layers, heads, kvHeads, headDim, epsilon, qkvBias, outBias, mlpBias, true, tied,
                padding, maxPositions, rope);
    }

    /** The same numbers, with or without a head of its own. */
    public TextConfig withTied(boolean tiedHead) {
        return new TextConfig(vocab, hidden, inner, layers, heads, kvHeads, headDim, epsilon, qkvBias, outBias, mlpBias, headNorms,
                tiedHead, padding, maxPositions, rope);
    }
}
