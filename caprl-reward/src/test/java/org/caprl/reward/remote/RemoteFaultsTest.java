package org.caprl.reward.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.QaItem;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.ProbabilityMarking;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that fail: nothing is lost, nothing is answered twice, nothing waits for ever, and what can't be answered says why. */
@Timeout(60)
class RemoteFaultsTest {
    private static final CaptionSample SAMPLE = new CaptionSample("17", List.of(new ImageOnDisk(Path.of("a.png"))),
            CaptionSample.defaultPrompt(1), "", List.of(new QaItem("What colour?", List.of("red", "blue"), 0)), Optional.empty(),
            List.of());

    private static StubModel served;
    private static List<List<Answer>> expected;
    private OpenAiStub stub;

    @BeforeAll
    static void open() {
        served = new StubModel(Golden.require("qwen2_untied/checkpoint"));
        try (OpenAiStub healthy = new OpenAiStub(served, Optional.empty());
                RemoteAnswerer remote = Remote.chat(Remote.server(healthy.url()))) {
            expected = remote.answer(Remote.ASKED);
        }
        assertTrue(expected.stream().flatMap(List::stream).allMatch(answer -> answer.failure().isEmpty()));
    }

    @AfterAll
    static void close() {
        served.close();
    }

    @BeforeEach
    void start() {
        stub = new OpenAiStub(served, Optional.empty());
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static List<List<Answer>> answers(RemoteServer server) {
        try (RemoteAnswerer remote = Remote.chat(server)) {
            return remote.answer(Remote.ASKED);
        }
    }

    private static List<CaptionQuestions> captions(int n) {
        return IntStream.range(0, n).mapToObj(i -> new CaptionQuestions(Remote.CAPTION, Remote.QUESTIONS, i)).toList();
    }

    private static String firstFailure(List<List<Answer>> answers) {
        return answers.getFirst().getFirst().failure().orElseThrow();
    }

    static Stream<Arguments> passing() {
        return Stream.of(Arguments.of("500", new Fault.Status(500, "oh", Map.of())),
                Arguments.of("503", new Fault.Status(503, "", Map.of())),
                Arguments.of("429", new Fault.Status(429, "", Map.of())), Arguments.of("drop", new Fault.Drop()),
                Arguments.of("truncated", new Fault.Truncate()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passing")
    void whatPassesIsTriedAgainAndTheAnswersAreTheSame(String name, Fault fault) {
        stub.faults(n -> n % 2 == 0 && n < 6 ? fault : Fault.NONE);
        assertEquals(expected, answers(Remote.server(ApiKey.NONE, 1, stub.url())));
        assertEquals(5, stub.answered().size());
        assertEquals(5, stub.answered().stream().map(body -> body.path("seed")).distinct().count());
        assertEquals(8, stub.requests());
    }

    @Test
    void aServerThatStopsInTheMiddleOfAnAnswerIsLeftAfterTheTimeLimit() {
        stub.faults(n -> n == 0 ? new Fault.Stall(Duration.ofSeconds(20)) : Fault.NONE);
        long began = System.nanoTime();
        assertEquals(expected, answers(Remote.server(stub.url())));
        assertTrue(System.nanoTime() - began < 10e9);
    }

    @Test
    void aServersWishToWaitIsKept() {
        stub.faults(n -> n == 0 ? new Fault.Status(429, "", Map.of("Retry-After", "1")) : Fault.NONE);
        long began = System.nanoTime();
        assertEquals(expected, answers(Remote.server(ApiKey.NONE, 1, stub.url())));
        assertTrue(System.nanoTime() - began >= 1e9, "waited a second");
    }

    @Test
    void aRefusalIsNotTriedAgainAndNamesUrlStatusAndMessage() {
        stub.faults(_ -> new Fault.Status(400, "{\"error\":{\"message\":\"the prompt is too long\"}}", Map.of()));
        String failure = firstFailure(answers(Remote.server(stub.url())));
        assertEquals(stub.url() + "/chat/completions: status 400: the prompt is too long", failure);
        assertEquals(5, stub.requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"choices\": [{\"index\"", "<html>", "[]", "{}", "{\"choices\": []}", "",
        "{\"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": null, \"reasoning_content\": \"hm\"}}]}"})
    void whatIsNoAnswerIsAFailureWithAReason(String body) {
        stub.faults(n -> n == 0 ? new Fault.Garbage(body) : Fault.NONE);
        List<Answer> answers = answers(Remote.server(ApiKey.NONE, 1, stub.url())).stream().flatMap(List::stream).toList();
        assertEquals(1, answers.stream().filter(answer -> answer.failure().isPresent()).count());
        String failure = answers.stream().flatMap(answer -> answer.failure().stream()).findFirst().orElseThrow();
        assertTrue(failure.startsWith(stub.url()) && failure.contains("its answer"), failure);
    }

    @Test
    void anEndlessAnswerIsCutOff() {
        stub.faults(_ -> new Fault.Garbage("\"" + "x".repeat(5 << 20) + "\""));
        assertTrue(firstFailure(answers(Remote.server(stub.url()))).contains(stub.url()));
    }

    @Test
    void theKeyIsSentAndNeverShown() {
        String secret = "sk-0123456789";
        try (OpenAiStub guarded = new OpenAiStub(served, Optional.of(secret))) {
            assertEquals(expected, answers(Remote.server(Remote.key(secret), 8, guarded.url())));
            RemoteServer wrong = Remote.server(Remote.key("sk-wrong"), 8, guarded.url());
            String failure = firstFailure(answers(wrong));
            assertTrue(failure.endsWith("status 401: Incorrect API key provided: ***."), failure);
            assertFalse((wrong + failure).contains("sk-wrong"));
            try (RemoteAnswerer remote = Remote.chat(wrong)) {
                String refused = assertThrows(InputException.class, () -> remote.check(Duration.ofSeconds(1))).getMessage();
                assertTrue(refused.contains("refuses") && refused.contains("401") && !refused.contains("sk-wrong"), refused);
            }
        }
    }

    @Test
    void requestsGoToTheOtherUrlWhenOneIsKilledAndComeBackWithIt() {
        List<CaptionQuestions> many = captions(30);
        OpenAiStub second = new OpenAiStub(served, Optional.empty());
        int port = second.port();
        try (RemoteAnswerer remote = Remote.chat(Remote.server(stub.url(), second.url()))) {
            List<List<Answer>> whole = remote.answer(many);
            assertTrue(stub.answered().size() > 20 && second.answered().size() > 20, "both are asked");
            second.faults(n -> {
                if (n == 10) {
                    Thread.ofVirtual().start(second::close);
                }
                return Fault.NONE;
            });
            int before = stub.answered().size();
            assertEquals(whole, remote.answer(many));
            assertTrue(stub.answered().size() - before >= 50, "most were answered by the one that lives");
            try (OpenAiStub revived = new OpenAiStub(served, Optional.empty(), port)) {
                for (int again = 0; again < 20 && revived.answered().size() < 10; again++) {
                    assertEquals(whole, remote.answer(many));
                }
                assertTrue(revived.answered().size() >= 10, "asked again when its rest was over: " + revived.answered().size());
            }
        } finally {
            second.close();
        }
    }

    @Test
    void whenAllAreDownEveryQuestionFailsSoonAndSaysWhy() {
        stub.close();
        List<CaptionQuestions> many = captions(200);
        long began = System.nanoTime();
        try (RemoteAnswerer remote = Remote.chat(Remote.server(stub.url()))) {
            List<Answer> answers = remote.answer(many).stream().flatMap(List::stream).toList();
            assertEquals(600, answers.size());
            assertTrue(answers.stream().allMatch(a -> a.failure().orElseThrow().contains(stub.url() + "/chat/completions: no connection")
                    && a.failure().orElseThrow().endsWith("(the last of 4 tries)")), answers.getFirst().toString());
            assertTrue(System.nanoTime() - began < 10e9, "600 questions do not try one after the other");
        }
    }

    @Test
    void aHostThatIsNotThereIsNamed() {
        String failure = firstFailure(answers(Remote.server("http://no-such-host.invalid:8000")));
        assertEquals("http://no-such-host.invalid:8000/v1/chat/completions: unknown host (the last of 4 tries)", failure);
    }

    @Test
    void lettersThatCouldNotBeAskedForAreNeverCounted() {
        stub.close();
        try (RemoteAnswerer remote = Remote.chat(Remote.server(stub.url()))) {
            LetterLogProbs failed = remote.letterLogProbs(Remote.ASKED).getFirst().getFirst();
            String stopped = assertThrows(RunStoppedException.class, () -> failed.best(Remote.QUESTIONS.getFirst(), false)).getMessage();
            assertTrue(stopped.contains(stub.url()) && stopped.contains("were not counted"), stopped);
        }
        try (RemoteAnswerer remote = Remote.chat(Remote.server(stub.url()))) {
            GroupToScore group = new GroupToScore(SAMPLE, List.of(new GroupToScore.CaptionText("A ball.", 3)), 1);
            Score unscored = new QaReward(new QuestionPaper(2), new ProbabilityMarking(1), 0,
                    List.of(new QaReward.Named("answerer", remote))).score(List.of(group)).getFirst().getFirst();
            assertTrue(unscored.unscored().orElseThrow().contains(stub.url()), unscored.toString());
        }
    }

    @Test
    void theCheckNamesUrlsThatDoNotAnswer() {
        OpenAiStub dead = new OpenAiStub(served, Optional.empty());
        dead.close();
        try (RemoteAnswerer both = Remote.chat(Remote.server(stub.url(), dead.url()))) {
            List<String> lines = both.check(Duration.ofSeconds(1));
            assertEquals(1, lines.size());
            assertTrue(lines.getFirst().contains(dead.url()), lines.getFirst());
        }
        try (RemoteAnswerer none = Remote.chat(Remote.server(dead.url()))) {
            String message = assertThrows(InputException.class, () -> none.check(Duration.ofSeconds(1))).getMessage();
            assertTrue(message.contains("can't be reached") && message.contains(dead.url()), message);
        }
    }

    @Test
    void noMoreRequestsAreInFlightThanAllowed() {
        List<CaptionQuestions> many = captions(10);
        stub.faults(_ -> new Fault.Delay(Duration.ofMillis(20)));
        try (RemoteAnswerer remote = Remote.chat(Remote.server(ApiKey.NONE, 3, stub.url()))) {
            remote.answer(many);
        }
        assertEquals(3, stub.mostInFlight());
        assertEquals(30, stub.answered().stream().map(JsonNode::toString).distinct().count());
    }
}
