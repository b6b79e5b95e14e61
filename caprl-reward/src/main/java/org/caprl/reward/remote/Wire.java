package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/** A form of the OpenAI API in which questions are asked: how a user turn becomes a request, and where the answer stands. */
public sealed interface Wire extends AutoCloseable permits CompletionsWire, ChatWire {
    /** Below the base URL. */
    String path();

    /** Puts the user turn, and after it the answerer's begun turn, into a request. Safe for use by many threads. */
    void ask(ObjectNode request, String userTurn);

    /** Asks for the log-probabilities of the {@code top} most probable tokens at each place. */
    void wantLogProbs(ObjectNode request, int top);

    /** The generated text of {@code choices[0]}, from the answerer's begun turn on; empty if there is none. */
    Optional<String> text(JsonNode choice);

    /** Log-probabilities of the most probable tokens at the first place of {@code choices[0]}, by text; empty if the server gave none. */
    Map<String, Double> firstTokens(JsonNode choice);

    @Override
    default void close() {
    }
}
