package org.caprl.reward.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.AnswerMark;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.PosedQuestion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes over HTTP from a model is what the same model answers in this JVM. */
class RemoteAnswererTest {
    @TempDir
    static Path folder;

    private static TensorOps ops;
    private static CausalLm model;
    private static Processor processor;
    private static LocalAnswerer local;
    private static StubModel served;
    private static OpenAiStub stub;

    @BeforeAll
    static void open() throws IOException {
        ops = Backends.open("cpu", 1).ops();
        TinyAnswerer.write(folder, ops);
        model = Models.load(folder, ops);
        processor = Processor.load(folder);
        local = new LocalAnswerer(model, ops, processor, AnswererPrompt.named("short"), 1.0, 10,
                new GeneratorLimits(16, 4096, 256, "reward.kv_rows"));
        served = new StubModel(folder);
        stub = new OpenAiStub(served, Optional.empty());
    }

    @AfterAll
    static void close() {
        stub.close();
        served.close();
        local.close();
        processor.close();
        model.close();
        ops.close();
    }

    private static Wire wire(String api) {
        return switch (api) {
            case "completions" -> CompletionsWire.of(folder);
            case "flags" -> new ChatWire(ChatWire.Continuation.FLAGS);
            default -> throw new IllegalArgumentException(api);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"completions", "flags"})
    void theSameSeedsGiveTheSameAnswers(String api) {
        List<CaptionQuestions> asked = IntStream.range(0, 6)
                .mapToObj(i -> new CaptionQuestions(Remote.CAPTION, Remote.QUESTIONS, CounterRandom.key(i))).toList();
        try (RemoteAnswerer remote = Remote.answerer(wire(api), Remote.server(stub.url()), 1.0, 20)) {
            List<List<Answer>> here = local.answer(asked);
            List<List<Answer>> there = remote.answer(asked);
            assertEquals(here.stream().map(List::size).toList(), there.stream().map(List::size).toList());
            for (int c = 0; c < asked.size(); c++) {
                for (int q = 0; q < Remote.QUESTIONS.size(); q++) {
                    Answer a = here.get(c).get(q);
                    Answer b = there.get(c).get(q);
                    assertEquals(Optional.empty(), b.failure());
                    // The local one ends at its first letter, the served one goes on.
                    assertTrue(b.text().startsWith(a.text()), "'" + b.text() + "' begins with '" + a.text() + "'");
                    assertEquals(AnswerMark.of(a.text(), Remote.QUESTIONS.get(q)), AnswerMark.of(b.text(), Remote.QUESTIONS.get(q)));
                }
            }
        }
        Set<Long> seeds = stub.answered().stream().map(body -> body.path("seed").asLong()).collect(Collectors.toSet());
        assertTrue(seeds.stream().anyMatch(seed -> seed < 0), "all 64 bits are sent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"completions", "flags"})
    void lettersHaveTheirLogProbabilities(String api) {
        int all = processor.tokenizer().vocabSize();
        try (RemoteAnswerer remote = Remote.answerer(wire(api), Remote.server(stub.url()), 1.0, all)) {
            List<List<LetterLogProbs>> here = local.letterLogProbs(Remote.ASKED);
            List<List<LetterLogProbs>> there = remote.letterLogProbs(Remote.ASKED);
            for (int c = 0; c < here.size(); c++) {
                for (int q = 0; q < here.get(c).size(); q++) {
                    assertArrayEquals(here.get(c).get(q).byLetter(), there.get(c).get(q).byLetter(), 0);
                }
            }
        }
    }

    @Test
    void theLetterIsFoundWithoutLogProbabilities() {
        try (RemoteAnswerer remote = Remote.answerer(wire("flags"), Remote.server(stub.url()), 1.0, 0)) {
            for (List<LetterLogProbs> ofCaption : remote.letterLogProbs(Remote.ASKED)) {
                for (LetterLogProbs letters : ofCaption) {
                    assertEquals(1, Arrays.stream(letters.byLetter()).filter(v -> v == 0).count());
                }
            }
        }
        JsonNode last = stub.answered().getLast();
        assertTrue(!last.has("logprobs") && !last.has("seed"), last.toString());
    }

    @Test
    void plainPromptsEndWithTheBeginningOfTheAnswer() {
        try (RemoteAnswerer remote = Remote.answerer(CompletionsWire.plain(), Remote.server(stub.url()), 1.0, 20)) {
            assertEquals(Optional.empty(), remote.answer(Remote.ASKED.subList(0, 1)).getFirst().getFirst().failure());
        }
        String prompt = stub.answered().getLast().path("prompt").asText();
        assertTrue(prompt.startsWith(Remote.CAPTION) && prompt.endsWith(PosedQuestion.REFUSAL + "\nThe answer is"), prompt);
    }

    @Test
    void aModelThatBeginsItsOwnTurnIsReadAfterTheWordsOfTheProtocol() throws Exception {
        ChatWire wire = new ChatWire(ChatWire.Continuation.NONE);
        JsonMapper json = new JsonMapper();
        for (String[] pair : new String[][] {{"By the caption, The answer is C", " C"}, {"B", "B"}, {"The answer is D.", " D."}}) {
            JsonNode choice = json.createObjectNode().set("message", json.createObjectNode().put("content", pair[0]));
            assertEquals(pair[1], wire.text(choice).orElseThrow());
        }
        ObjectNode request = json.createObjectNode();
        wire.ask(request, "asked");
        assertEquals("{\"messages\":[{\"role\":\"user\",\"content\":\"asked\"}]}", request.toString());
    }
}
