package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.text.BpeTokenizer;
import org.caprl.core.text.ChatTemplate;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.AnswererRows;

/**
 * {@code /completions}: the prompt is rendered here.
 *
 * <p>With the tokenizer and the chat template of the served model it is sent as token ids, the ids of a local answerer: of a rendered text
 * a server may tokenize the begin-of-text token that stands in it, and put another one before it. Without them the prompt is plain text,
 * the user turn and a line that begins the answer, which suits base models.
 */
public final class CompletionsWire implements Wire {
    /** Both null for plain text. */
    private final BpeTokenizer tokenizer;
    private final ChatTemplate template;

    private CompletionsWire(BpeTokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /** Prompts of plain text. */
    public static CompletionsWire plain() {
        return new CompletionsWire(null, null);
    }

    /**
     * Prompts as token ids.
     *
     * @param folder with tokenizer.json and the chat template of the served model; weights are not needed
     * @throws InputException if one is missing
     */
    public static CompletionsWire of(Path folder) {
        BpeTokenizer tokenizer = BpeTokenizer.load(folder);
        try {
            return new CompletionsWire(tokenizer, ChatTemplate.load(folder));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    @Override
    public String path() {
        return "completions";
    }

    @Override
    public void ask(ObjectNode request, String userTurn) {
        if (tokenizer == null) {
            request.put("prompt", userTurn + "\n" + AnswererPrompt.TURN_START);
            return;
        }
        ArrayNode ids = request.putArray("prompt");
        for (int id : tokenizer.encode(AnswererRows.rendered(template, userTurn))) {
            ids.add(id);
        }
    }

    @Override
    public void wantLogProbs(ObjectNode request, int top) {
        request.put("logprobs", top);
    }

    @Override
    public Optional<String> text(JsonNode choice) {
        return choice.path("text").isTextual() ? Optional.of(choice.path("text").textValue()) : Optional.empty();
    }

    /** {@code logprobs.top_logprobs[0]}, or the list of the chat form, which llama.cpp gives here too. */
    @Override
    public Map<String, Double> firstTokens(JsonNode choice) {
        Map<String, Double> found = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> token : choice.path("logprobs").path("top_logprobs").path(0).properties()) {
            if (token.getValue().isNumber()) {
                found.put(token.getKey(), token.getValue().doubleValue());
            }
        }
        return found.isEmpty() ? ChatWire.listed(choice) : found;
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
