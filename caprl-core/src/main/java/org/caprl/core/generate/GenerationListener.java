package org.caprl.core.generate;

/** Hears how far a generation is, after every decode step; must not allocate if decoding is not to. */
@FunctionalInterface
public interface GenerationListener {
    /** Hears nothing. */
    GenerationListener NONE = (finished, total, sampledTokens) -> { };

    /**
     * Told after a step.
     *
     * @param finished captions that are complete
     * @param total captions asked for
     * @param sampledTokens tokens drawn in this call so far
     */
    void progressed(int finished, int total, long sampledTokens);
}
