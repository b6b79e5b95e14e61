package org.caprl.trainer.recipe;

/**
 * How long prompts are, image tokens included.
 *
 * @param rows number of prompts
 * @param tokens of all of them
 * @param longest tokens of the longest
 */
public record PromptLengths(long rows, long tokens, int longest) {
    /** Tokens of a prompt, rounded up; 0 without any prompt. */
    public int mean() {
        return (int) Math.ceilDiv(tokens, Math.max(1, rows));
    }
}
