package org.caprl.reward.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.AnswererPrompt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own Java client as the measure: it understands the stub, and its types what we send. */
class OpenAiClientTest {
    @TempDir
    static Path folder;

    private static StubModel served;
    private OpenAiStub stub;
    private OpenAIClient client;

    @BeforeAll
    static void open() throws IOException {
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            TinyAnswerer.write(folder, ops);
        }
        served = new StubModel(folder);
    }

    @AfterAll
    static void close() {
        served.close();
    }

    @BeforeEach
    void start() {
        stub = new OpenAiStub(served, Optional.of("sk-stub"));
        client = OpenAIOkHttpClient.builder().baseUrl(stub.url()).apiKey("sk-stub").responseValidation(true).build();
    }

    @AfterEach
    void stop() {
        client.close();
        stub.close();
    }

    @Test
    void itUnderstandsCompletionsOfTheStub() {
        Completion completion = client.completions().create(CompletionCreateParams.builder().model(OpenAiStub.MODEL)
                .prompt("What colour is the circle?\nThe answer is").maxTokens(5).temperature(1).seed(7).logprobs(3).build());
        assertEquals(1, completion.choices().size());
        assertEquals(completion.usage().orElseThrow().completionTokens(),
                completion.choices().getFirst().logprobs().orElseThrow().tokens().orElseThrow().size());
        // By text in this form, so of tokens with one text only one is told.
        int told = completion.choices().getFirst().logprobs().orElseThrow().topLogprobs().orElseThrow().getFirst()
                ._additionalProperties().size();
        assertTrue(told >= 1 && told <= 3, "" + told);
    }

    @Test
    void itUnderstandsChatCompletionsOfTheStub() {
        ChatCompletion completion = client.chat().completions().create(ChatCompletionCreateParams.builder().model(OpenAiStub.MODEL)
                .addUserMessage("What colour is the circle?").maxTokens(5).temperature(1).seed(7).logprobs(true).topLogprobs(3).build());
        assertTrue(completion.choices().getFirst().message().content().isPresent());
        assertEquals(3, completion.choices().getFirst().logprobs().orElseThrow().content().orElseThrow().getFirst().topLogprobs().size());
    }

    @Test
    void itUnderstandsErrorsOfTheStub() {
        NotFoundException refused = assertThrows(NotFoundException.class, () -> client.completions().create(
                CompletionCreateParams.builder().model("other").prompt("x").build()));
        assertTrue(refused.getMessage().contains("The model `other` does not exist."), refused.getMessage());
    }

    @Test
    void withOurMessagesAndSeedItGetsOurAnswers() {
        try (RemoteAnswerer remote = Remote.chat(Remote.server(Remote.key("sk-stub"), 8, stub.url()))) {
            List<Answer> ours = remote.answer(Remote.ASKED).getFirst();
            for (int q = 0; q < ours.size(); q++) {
                ChatCompletion theirs = client.chat().completions().create(ChatCompletionCreateParams.builder().model(OpenAiStub.MODEL)
                        .addUserMessage(AnswererPrompt.named("short").userTurn(Remote.CAPTION, Remote.QUESTIONS.get(q)))
                        .addAssistantMessage("The answer is").putAdditionalBodyProperty("continue_final_message",
                                JsonValue.from(true))
                        .putAdditionalBodyProperty("add_generation_prompt", JsonValue.from(false))
                        .maxTokens(10).temperature(1.0).topP(1).seed(CounterRandom.with(Remote.ASKED.getFirst().key(), q)).build());
                assertEquals(ours.get(q).text(), theirs.choices().getFirst().message().content().orElseThrow());
            }
        }
    }

    @Test
    void itsTypesHoldWhatWeSend() throws IOException {
        Wire[] wires = {new ChatWire(ChatWire.Continuation.FLAGS), new ChatWire(ChatWire.Continuation.NONE), CompletionsWire.plain(),
            CompletionsWire.of(folder)};
        for (Wire wire : wires) {
            try (RemoteAnswerer remote = Remote.answerer(wire, Remote.server(Remote.key("sk-stub"), 8, stub.url()), 0.6, 20)) {
                remote.answer(Remote.ASKED);
                remote.letterLogProbs(Remote.ASKED);
            }
        }
        assertEquals(4 * 10, stub.answered().size());
        for (JsonNode sent : stub.answered()) {
            // Its validation takes no chat model but OpenAI's own.
            JsonNode body = ((ObjectNode) sent).put("model", "gpt-4o");
            if (body.has("messages")) {
                ChatCompletionCreateParams.Body parsed = ObjectMappers.jsonMapper().readValue(body.toString(),
                        ChatCompletionCreateParams.Body.class).validate();
                assertTrue(parsed.isValid());
                assertEquals(body.path("seed").isMissingNode(), parsed.seed().isEmpty());
                assertEquals(body.path("top_logprobs").asLong(-1), parsed.topLogprobs().orElse(-1L));
            } else {
                CompletionCreateParams.Body parsed = ObjectMappers.jsonMapper().readValue(body.toString(),
                        CompletionCreateParams.Body.class).validate();
                assertTrue(parsed.isValid());
                assertEquals(body.path("prompt").isArray(), parsed.prompt().orElseThrow().isArrayOfTokens());
                assertEquals(body.path("logprobs").asLong(-1), parsed.logprobs().orElse(-1L));
            }
        }
    }
}
