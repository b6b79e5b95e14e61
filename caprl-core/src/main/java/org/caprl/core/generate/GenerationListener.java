package org.caprl.core.generate;

import java.util.List;

/**
 * Hears how far a generation is; must not allocate if decoding is not to. One call at a time; what a call throws ends the generation in
 * order and is thrown by it.
 */
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

    /**
     * Told once for every request, in whatever order they end, when its last caption is complete.
     *
     * @param request its index among the requests
     * @param captions of it, in order
     */
    default void completed(int request, List<Caption> captions) {
    }

    /** Whether it works with requests while others are written: to one that does not, an engine may tell of many at once. */
    default boolean wantsEach() {
        return false;
    }
}
