package org.caprl.trainer.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.remote.ApiKey;
import org.caprl.reward.remote.ChatWire;
import org.caprl.reward.remote.CompletionsWire;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.remote.RemoteServer;
import org.caprl.reward.remote.Seeds;
import org.caprl.reward.remote.Wire;

/**
 * An answerer behind an OpenAI-compatible endpoint.
 *
 * @param urls where the model is served
 * @param model its name there
 * @param api form of the requests
 * @param tokenizer folder for prompts that are rendered here
 * @param continuation how the answerer's turn is begun in a chat
 * @param apiKeyEnv environment variable of the key
 * @param seed what is sent of the answer's key
 * @param topLogprobs for evaluations
 * @param extraBody JSON object
 * @param maxInFlight requests at a time
 * @param timeoutSeconds of a request
 * @param connectTimeoutSeconds of a connection
 * @param retries after the first try
 * @param backoffSeconds before the first retry
 */
public record RemoteSection(
        @Key(doc = "Base URLs under which the same model is served, as OpenAI's clients take them: `http://host:8000/v1`. A request goes "
                + "to the one with the fewest in flight; one that fails rests and is tried again.") List<String> urls,
        @Key(doc = "Name under which the server knows the model.") String model,
        @Key(doc = "Form of the requests: `chat` (`/chat/completions`, the server renders its chat template) or `completions` "
                + "(`/completions`, rendered here, see `tokenizer`).", defaultValue = "chat") Api api,
        @Key(doc = "With `completions`: folder with tokenizer.json and chat template of the served model; prompts are sent as token ids, "
                + "as a local answerer sees them. Without it they are plain text, which suits base models.")
        @FileMustExist Optional<Path> tokenizer,
        @Key(doc = "With `chat`, how the answerer's turn is begun with `The answer is`: `flags` (`continue_final_message`, which vLLM and "
                + "SGLang know), `prefill` (the server continues an assistant's last message by itself), or `none` (it can't: the model "
                + "begins its own turn, and what follows `The answer is` in it counts; raise `reward.answer_max_tokens`).",
                defaultValue = "flags") ChatWire.Continuation continuation,
        @Key(doc = "Name of the environment variable that holds the API key. The key itself is never written, logged or shown.")
        Optional<String> apiKeyEnv,
        @Key(doc = "What is sent as `seed` of an answer: `int64` (the 64 bits of its key), `int31` (for servers that keep 32 bits, such as "
                + "llama.cpp), or `none`.", defaultValue = "int64") Seeds seed,
        @Key(doc = "Most probable tokens whose log-probabilities an evaluation asks for, to find the letter; 0 for a server that gives "
                + "none: then the letter that it answers counts. OpenAI allows 5 for `completions` and 20 for `chat`.",
                defaultValue = "20", min = 0, max = 1000) int topLogprobs,
        @Key(doc = "JSON object whose keys are put into every request, such as `'{\"top_k\": 20}'`; null removes a key.",
                defaultValue = "'{}'") String extraBody,
        @Key(doc = "Most requests at a time, all URLs together.", defaultValue = "64", min = 1, max = 65536) int maxInFlight,
        @Key(doc = "Time limit of a request, in seconds, to the last byte of its answer.", defaultValue = "120", exclusiveMin = 0,
                max = 86400) double timeoutSeconds,
        @Key(doc = "Time limit of a connection, in seconds, and of the check of all URLs when a run starts.", defaultValue = "10",
                exclusiveMin = 0, max = 86400) double connectTimeoutSeconds,
        @Key(doc = "Tries after the first, when a connection fails, at a time-out, and at the statuses 408, 429 and 5xx.",
                defaultValue = "5", min = 0, max = 100) int retries,
        @Key(doc = "Pause before the first retry, in seconds; doubled for each further one, up to 30, with jitter. A server's "
                + "`Retry-After` is kept, up to 2 minutes.", defaultValue = "1", exclusiveMin = 0, max = 30) double backoffSeconds) {
    /** A form of the OpenAI API. */
    public enum Api {
        /** {@code /completions}. */
        COMPLETIONS,
        /** {@code /chat/completions}. */
        CHAT
    }

    /** @throws IllegalArgumentException with every URL and key that can't be used */
    public RemoteSection {
        List<String> problems = new ArrayList<>();
        if (urls.isEmpty()) {
            problems.add("urls is empty; expected at least one");
        }
        for (String url : urls) {
            try {
                RemoteServer.base(url);
            } catch (IllegalArgumentException e) {
                problems.add("urls: " + e.getMessage());
            }
        }
        if (model.isBlank()) {
            problems.add("model is empty; expected the name under which the server knows the model (GET /v1/models lists it)");
        }
        if (api == Api.CHAT && tokenizer.isPresent()) {
            problems.add("tokenizer is for api: completions; with chat the server renders the prompt");
        }
        if (object(extraBody) == null) {
            problems.add("extra_body is no JSON object; expected one such as '{\"top_k\": 20}'");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private static ObjectNode object(String json) {
        try {
            JsonNode node = new JsonMapper().readTree(json);
            return node instanceof ObjectNode object ? object : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /**
     * The answerer; nothing is sent yet.
     *
     * @param environment where the key is looked up
     */
    public RemoteAnswerer open(AnswererPrompt prompt, RewardSection reward, Map<String, String> environment) {
        RemoteServer server = new RemoteServer(urls.stream().map(RemoteServer::base).toList(), model, ApiKey.of(apiKeyEnv, environment),
                object(extraBody), maxInFlight, seconds(timeoutSeconds), seconds(connectTimeoutSeconds), retries, seconds(backoffSeconds));
        Wire wire = switch (api) {
            case CHAT -> new ChatWire(continuation);
            case COMPLETIONS -> tokenizer.map(CompletionsWire::of).orElseGet(CompletionsWire::plain);
        };
        return new RemoteAnswerer(server, wire, prompt, new RemoteAnswerer.Sampling(reward.answerTemperature(), reward.answerMaxTokens(),
                seed, topLogprobs));
    }

    /** Time limit of a connection and of a check. */
    public Duration connectTimeout() {
        return seconds(connectTimeoutSeconds);
    }

    static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
