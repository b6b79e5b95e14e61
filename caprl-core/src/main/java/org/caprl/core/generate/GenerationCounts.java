package org.caprl.core.generate;

/**
 * Work done, to show that shared work was shared.
 *
 * @param prefilledTokens prompt tokens that went through the decoder, each prompt once
 * @param suffixTokens tokens of suffixes that did
 * @param imageEncodes images that went through the vision tower
 * @param decodeSteps passes that gave every running branch one more token
 * @param sampledTokens tokens drawn, first ones included
 */
public record GenerationCounts(long prefilledTokens, long suffixTokens, long imageEncodes, long decodeSteps, long sampledTokens) {
    /** Nothing done. */
    public static final GenerationCounts ZERO = new GenerationCounts(0, 0, 0, 0, 0);

    /** What was done since {@code earlier}. */
    public GenerationCounts minus(GenerationCounts earlier) {
        return new GenerationCounts(prefilledTokens - earlier.prefilledTokens, suffixTokens - earlier.suffixTokens,
                imageEncodes - earlier.imageEncodes, decodeSteps - earlier.decodeSteps, sampledTokens - earlier.sampledTokens);
    }
}
