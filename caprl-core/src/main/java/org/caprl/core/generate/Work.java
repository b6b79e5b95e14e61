package org.caprl.core.generate;

/** Counts work as it is done. */
final class Work {
    long prefilledTokens;
    long suffixTokens;
    long imageEncodes;
    long decodeSteps;
    long sampledTokens;

    GenerationCounts counts() {
        return new GenerationCounts(prefilledTokens, suffixTokens, imageEncodes, decodeSteps, sampledTokens);
    }
}
