package org.caprl.trainer.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.caprl.core.model.CausalLm;

/** A case made ready: every call of {@link #run} does the same work once more. */
interface CaseRun extends AutoCloseable {
    /** @throws IllegalStateException if the work done was not the case's, for instance if a caption was shorter */
    void run();

    /** The lengths that were really computed. */
    Lengths lengths();

    /** The model that is measured. */
    CausalLm model();

    /** More numbers on the repetitions since the last call, by name with unit. */
    default Map<String, Double> figures() {
        return Map.of();
    }

    /** What another program needs to do the same with the same inputs. */
    default Inputs inputs() {
        return new Inputs(null, List.of());
    }

    /**
     * Lengths of one repetition.
     *
     * @param rows sequences
     * @param promptTokens of one prompt, its image's included; the mean where they differ
     * @param imageTokens of one prompt
     * @param newTokens of one continuation
     */
    record Lengths(int rows, double promptTokens, int imageTokens, int newTokens) {
    }

    /**
     * Inputs that a case's numbers don't tell.
     *
     * @param config {@code config.json} of a model that is in no folder; null for the others
     * @param texts user turns, in order
     */
    record Inputs(JsonNode config, List<String> texts) {
    }

    @Override
    void close();
}
