package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.caprl.reward.qa.AnswererPrompt;

/**
 * {@code /chat/completions}: the server renders its own chat template, and no tokenizer is needed here.
 *
 * @param continuation how the answerer's turn is begun
 */
public record ChatWire(Continuation continuation) implements Wire {
    /** How a server is told that the assistant's last message goes on. */
    public enum Continuation {
        /** {@code continue_final_message: true} and {@code add_generation_prompt: false}: vLLM, SGLang, llama.cpp since 2026. */
        FLAGS,
        /** Not at all: a server that continues a last message of the assistant by itself. */
        PREFILL,
        /** It can't be: only the user turn is sent, and what follows {@value AnswererPrompt#TURN_START} in the reply counts. */
        NONE
    }

    @Override
    public String path() {
        return "chat/completions";
    }

    @Override
    public void ask(ObjectNode request, String userTurn) {
        ArrayNode messages = request.putArray("messages");
        messages.addObject().put("role", "user").put("content", userTurn);
        if (continuation != Continuation.NONE) {
            messages.addObject().put("role", "assistant").put("content", AnswererPrompt.TURN_START);
        }
        if (continuation == Continuation.FLAGS) {
            request.put("continue_final_message", true).put("add_generation_prompt", false);
        }
    }

    @Override
    public void wantLogProbs(ObjectNode request, int top) {
        request.put("logprobs", true).put("top_logprobs", top);
    }

    @Override
    public Optional<String> text(JsonNode choice) {
        JsonNode content = choice.path("message").path("content");
        return content.isTextual() ? Optional.of(afterTurnStart(content.textValue())) : Optional.empty();
    }

    /** A turn that could not be begun holds its own beginning, perhaps after other words. */
    private String afterTurnStart(String reply) {
        int at = continuation == Continuation.NONE ? reply.lastIndexOf(AnswererPrompt.TURN_START) : -1;
        return at < 0 ? reply : reply.substring(at + AnswererPrompt.TURN_START.length());
    }

    /** None where the model begins its own turn: its first token is not the answer's. */
    @Override
    public Map<String, Double> firstTokens(JsonNode choice) {
        return continuation == Continuation.NONE ? Map.of() : listed(choice);
    }

    /** {@code logprobs.content[0].top_logprobs}. */
    static Map<String, Double> listed(JsonNode choice) {
        Map<String, Double> found = new LinkedHashMap<>();
        for (JsonNode token : choice.path("logprobs").path("content").path(0).path("top_logprobs")) {
            if (token.path("token").isTextual() && token.path("logprob").isNumber()) {
                found.put(token.path("token").textValue(), token.path("logprob").doubleValue());
            }
        }
        return found;
    }
}
