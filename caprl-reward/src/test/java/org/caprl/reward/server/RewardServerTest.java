package org.caprl.reward.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RewardServerTest {
    private static final AnswererInfo INFO = new AnswererInfo("literal", "short", 0.6, 10);
    private static final String COLOUR = "\"What colour is the circle?\\n   - A) red\\n   - B) blue\\n   - C) green\"";
    private static final String SHAPE = "\"Which shape is it?\\n   - A) bar\\n   - B) circle\"";
    private static final String GET_REWARD = """
            {"prompts": [["A red circle.", [[%1$s, "A"]]], ["A blue circle.", [[%1$s, "red"]]], ["Nothing.", [[%1$s, "A"]]]],
             "query": ["ignored"], "labels": [1, 2, 3]}""".formatted(COLOUR);
    private static final String SCORE = """
            {"questions_per_caption": 4, "expect": {"temperature": 0.6, "max_tokens": 10}, "groups": [
              {"seed": 1, "step": 2, "sample": "000017",
               "questions": [[%s, "A"], {"question": "Which shape is it?", "choices": ["bar", "circle"], "answer": 1}],
               "captions": [{"index": 0, "text": "A red circle."}, {"index": 1, "text": "A red circle."}, {"index": 5, "text": "red"}]}]}
            """.formatted(COLOUR);

    private final LiteralAnswerer literal = new LiteralAnswerer();
    private Wire wire;

    private Wire start(ServerSettings settings, Answerer answerer) {
        RewardServer server = RewardServer.listen(settings);
        server.serve(answerer, INFO);
        wire = Wire.to(server);
        return wire;
    }

    private Wire start() {
        return start(Settings.free(), literal);
    }

    @AfterEach
    void stop() {
        if (wire != null) {
            wire.close();
        }
    }

    @Test
    void theFormOfPublishedTrainersIsAnswered() {
        Wire.Answer answer = start().post("/get_reward", GET_REWARD);
        assertEquals(200, answer.status(), answer.body());
        assertEquals("{\"rewards\":[1.0,0.0,0.0],\"qa_rewards\":[1.0,0.0,0.0]}", answer.body());
        assertEquals("{\"rewards\":[],\"qa_rewards\":[]}", wire.post("/get_reward", "{\"prompts\": []}").body());
    }

    @Test
    void aRepeatedRequestGetsTheSameRewardsAndEqualPromptsDrawByThemselves() {
        StringBuilder prompts = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            prompts.append(i == 0 ? "" : ",")
                    .append("[\"red\", [[").append(COLOUR).append(", \"A\"], [").append(SHAPE).append(", \"B\"]]]");
        }
        String body = "{\"prompts\": [" + prompts + "]}";
        String first = start().post("/get_reward", body).body();
        assertEquals(first, wire.post("/get_reward", body).body());
        Set<Double> rewards = new HashSet<>();
        wire.post("/get_reward", body).json().path("rewards").forEach(r -> rewards.add(r.doubleValue()));
        assertTrue(rewards.size() > 2, "twenty papers of eight questions from two: " + rewards);
    }

    @Test
    void theRicherFormTellsEveryQuestionAndDrawsByIndex() {
        JsonNode answer = start().post("/v1/score", SCORE).json();
        JsonNode captions = answer.at("/groups/0/captions");
        assertEquals(List.of(0, 1, 5), IntStream.range(0, 3).mapToObj(i -> captions.at("/" + i + "/index").asInt()).toList());
        assertEquals(1.0, captions.at("/0/reward").asDouble());
        assertEquals(4, captions.at("/0/questions").size());
        assertNotEquals(captions.at("/0/questions"), captions.at("/1/questions"));
        int right = 0;
        for (JsonNode question : captions.at("/2/questions")) {
            boolean colour = question.path("question").asText().contains("colour");
            assertEquals(colour ? "" + (char) ('A' + indexOf(question, "red")) : "F", question.path("chosen").asText());
            assertEquals(colour, question.path("correct").asBoolean());
            right += colour ? 1 : 0;
        }
        assertEquals(right / 4.0, captions.at("/2/reward").asDouble());
        // The last caption alone gets the same paper.
        String alone = SCORE.replace("{\"index\": 0, \"text\": \"A red circle.\"}, {\"index\": 1, \"text\": \"A red circle.\"}, ", "");
        assertEquals(captions.get(2), wire.post("/v1/score", alone).json().at("/groups/0/captions/0"));
    }

    private static int indexOf(JsonNode question, String option) {
        List<String> options = new ArrayList<>();
        question.path("options").forEach(o -> options.add(o.asText()));
        return options.indexOf(option);
    }

    @Test
    void lettersComeBackToTheLastBit() {
        String body = "{\"captions\": [{\"text\": \"A red circle.\", \"questions\": [[" + COLOUR + ", \"A\"], [" + SHAPE + ", \"A\"]]}]}";
        JsonNode questions = start().post("/v1/letters", body).json().at("/captions/0/questions");
        assertEquals(-1e-9 / 3, questions.at("/0/log_probs/A").doubleValue());
        assertEquals(-1e9 / 7, questions.at("/0/log_probs/E").doubleValue());
        assertEquals(List.of("A", "A", "true"), List.of(questions.at("/0/best").asText(), questions.at("/0/right").asText(),
                questions.at("/0/correct").asText()));
        assertEquals(List.of("B", "A", "false"), List.of(questions.at("/1/best").asText(), questions.at("/1/right").asText(),
                questions.at("/1/correct").asText()));
    }

    @Test
    void theSchemaHoldsForWhatIsSentAndAnswered() {
        String schema = start().get("/schema").body();
        String letters = "{\"captions\": [{\"text\": \"A red circle.\", \"questions\": [[" + COLOUR + ", \"A\"]]}]}";
        requireValid(schema, "score_request", SCORE);
        requireValid(schema, "score_answer", wire.post("/v1/score", SCORE).body());
        requireValid(schema, "letters_request", letters);
        requireValid(schema, "letters_answer", wire.post("/v1/letters", letters).body());
        requireValid(schema, "error", wire.post("/v1/score", "{").body());
        assertFalse(problems(schema, "score_request", SCORE.replace("\"sample\"", "\"sampel\"")).isEmpty());
        assertFalse(problems(schema, "score_answer", wire.post("/v1/letters", letters).body()).isEmpty());
    }

    private static void requireValid(String schema, String definition, String body) {
        assertEquals(List.of(), problems(schema, definition, body), body);
    }

    static List<String> problems(String schema, String definition, String body) {
        String chosen = schema.replaceFirst("(?s)\"oneOf\": \\[.*?\\],\\s*\"\\$defs\"",
                "\"\\$ref\": \"#/\\$defs/" + definition + "\", \"\\$defs\"");
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of("test:" + definition), chosen, InputFormat.JSON).validate(body, InputFormat.JSON).stream()
                .map(Object::toString).toList();
    }

    @Test
    void itIsReadyOnceItHasAnAnswerer() {
        wire = Wire.to(RewardServer.listen(Settings.free()));
        assertEquals(200, wire.get("/health").status());
        assertEquals(503, wire.get("/ready").status());
        assertEquals("loading the answerer", wire.get("/ready").json().path("reason").asText());
        Wire.Answer early = wire.post("/get_reward", GET_REWARD);
        assertEquals(503, early.status());
        assertEquals("1", early.header("Retry-After"));
        wire.server().serve(literal, INFO);
        assertEquals("{\"ready\":true,\"answerer\":\"literal\",\"template\":\"short\",\"temperature\":0.6,\"max_tokens\":10,"
                + "\"questions_per_caption\":8}", wire.get("/ready").body());
        assertEquals(200, wire.post("/get_reward", GET_REWARD).status());
    }

    @Test
    void everyAnswerHasTheIdOfItsRequest() {
        start();
        assertEquals("trainer-3.7", wire.post("/get_reward", GET_REWARD, "X-Request-Id", "trainer-3.7").header("X-Request-Id"));
        Wire.Answer bad = wire.post("/get_reward", "{", "X-Request-Id", "mine");
        assertEquals("mine", bad.json().at("/error/request_id").asText());
        String made = wire.get("/health", "X-Request-Id", "not one\tof\"ours").header("X-Request-Id");
        assertTrue(made.matches("[0-9a-f-]{36}"), made);
        assertNotEquals(made, wire.get("/health").header("X-Request-Id"));
    }

    @Test
    void withATokenOnlyHealthIsOpen() {
        start(Settings.token("sesame-42"), literal);
        assertEquals(200, wire.get("/health").status());
        assertEquals(200, wire.get("/ready").status());
        for (String path : List.of("/metrics", "/schema", "/nowhere")) {
            assertEquals(401, wire.get(path).status(), path);
        }
        assertEquals(401, wire.post("/get_reward", GET_REWARD).status());
        for (String header : List.of("Bearer sesame-4", "Bearer sesame-421", "Bearer ", "sesame-42", "Basic sesame-42",
                "bearer\u00a0sesame-42")) {
            Wire.Answer refused = wire.post("/get_reward", GET_REWARD, "Authorization", header);
            assertEquals(401, refused.status(), header);
            assertFalse(refused.body().contains("sesame"), refused.body());
            assertEquals("Bearer", refused.header("WWW-Authenticate"));
        }
        assertEquals(200, wire.post("/get_reward", GET_REWARD, "Authorization", "Bearer sesame-42").status());
        assertEquals(0, literal.calls().get() - 1);
    }

    @Test
    void pathsAndMethodsThatAreNoneAreNamed() {
        start();
        assertEquals(404, wire.get("/reward").status());
        assertTrue(wire.get("/reward").message().contains("/get_reward"), wire.get("/reward").body());
        assertEquals(405, wire.get("/get_reward").status());
        assertEquals(405, wire.post("/health", "{}").status());
    }

    @Test
    void expectationsOfTheAnswererAreHeldAgainstIt() {
        start();
        assertEquals(200, wire.post("/v1/score", "{\"expect\": {\"temperature\": 0.6}, \"groups\": []}").status());
        Wire.Answer warm = wire.post("/v1/score", "{\"expect\": {\"temperature\": 0.7}, \"groups\": []}");
        assertEquals(422, warm.status());
        assertEquals("$.expect.temperature", warm.path());
        assertTrue(warm.message().contains("0.6") && warm.message().contains("0.7"), warm.message());
        assertEquals("$.expect.max_tokens", wire.post("/v1/score", "{\"expect\": {\"max_tokens\": 9}, \"groups\": []}").path());
    }

    /** Answers when it is told to. */
    private static final class SlowAnswerer implements Answerer {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final LiteralAnswerer literal = new LiteralAnswerer();

        @Override
        public List<List<Answer>> answer(List<CaptionQuestions> captions) {
            asked.countDown();
            await(go);
            return literal.answer(captions);
        }

        @Override
        public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
            return literal.letterLogProbs(captions);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatFindsNoRoomInTheQueueIsToldToComeLater() {
        SlowAnswerer slow = new SlowAnswerer();
        start(Settings.queue(24), slow);
        CompletableFuture<Wire.Answer> first = wire.postLater("/get_reward", GET_REWARD);
        await(slow.asked);
        CompletableFuture<Wire.Answer> second = wire.postLater("/get_reward", GET_REWARD);
        while (wire.get("/metrics").body().contains("caprl_reward_queue_questions 0.0")) {
            Thread.onSpinWait();
        }
        Wire.Answer full = wire.post("/get_reward", GET_REWARD);
        assertEquals(429, full.status(), full.body());
        assertTrue(Integer.parseInt(full.header("Retry-After")) >= 1);
        assertTrue(full.message().contains("24 questions wait already"), full.message());
        slow.go.countDown();
        assertEquals(200, first.join().status());
        assertEquals(200, second.join().status());
        assertEquals(200, wire.post("/get_reward", GET_REWARD).status());
    }

    @Test
    void whatNeverFindsRoomIsTooLarge() {
        start(Settings.queue(23), literal);
        Wire.Answer answer = wire.post("/get_reward", GET_REWARD);
        assertEquals(413, answer.status());
        assertTrue(answer.message().contains("asks 24 questions"), answer.message());
    }

    @Test
    void aStoppingServerFinishesWhatItHasAndTakesNothingNew() throws InterruptedException {
        SlowAnswerer slow = new SlowAnswerer();
        start(Settings.free(), slow);
        List<CompletableFuture<Wire.Answer>> inFlight = new ArrayList<>();
        inFlight.add(wire.postLater("/get_reward", GET_REWARD));
        await(slow.asked);
        inFlight.add(wire.postLater("/get_reward", GET_REWARD));
        while (wire.get("/metrics").body().contains("caprl_reward_queue_questions 0.0")) {
            Thread.onSpinWait();
        }
        Thread stop = Thread.ofVirtual().start(wire.server()::close);
        while (wire.get("/ready").status() == 200) {
            Thread.onSpinWait();
        }
        assertEquals("stopping", wire.get("/ready").json().path("reason").asText());
        assertEquals(503, wire.post("/get_reward", GET_REWARD).status());
        slow.go.countDown();
        for (CompletableFuture<Wire.Answer> answer : inFlight) {
            assertEquals("{\"rewards\":[1.0,0.0,0.0],\"qa_rewards\":[1.0,0.0,0.0]}", answer.join().body());
        }
        stop.join();
        assertThrows(Exception.class, () -> wire.get("/health"));
    }

    @Test
    void aRequestThatTheAnswererCanNotTakeFailsAlone() {
        SlowAnswerer slow = new SlowAnswerer();
        start(Settings.free(), new Answerer() {
            @Override
            public List<List<Answer>> answer(List<CaptionQuestions> captions) {
                List<List<Answer>> answers = slow.answer(captions);
                for (CaptionQuestions asked : captions) {
                    switch (asked.caption()) {
                        case "stop" -> throw new RunStoppedException("all URLs are down");
                        case "input" -> throw new InputException("too long a prompt");
                        case "defect" -> throw new IllegalStateException("a defect");
                        default -> { }
                    }
                }
                return answers;
            }

            @Override
            public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
                throw new UnsupportedOperationException();
            }
        });
        CompletableFuture<Wire.Answer> first = wire.postLater("/get_reward", GET_REWARD);
        await(slow.asked);
        List<CompletableFuture<Wire.Answer>> together = new ArrayList<>();
        for (String caption : List.of("stop", "good", "input", "defect", "good")) {
            together.add(wire.postLater("/get_reward", GET_REWARD.replace("Nothing.", caption)));
        }
        while (!wire.get("/metrics").body().contains("caprl_reward_queue_questions " + 5 * 24 + ".0")) {
            Thread.onSpinWait();
        }
        slow.go.countDown();
        assertEquals(200, first.join().status());
        assertEquals(List.of(503, 200, 422, 500, 200), together.stream().map(answer -> answer.join().status()).toList());
        assertEquals("all URLs are down", together.getFirst().join().message());
        assertFalse(together.get(3).join().body().contains("a defect\""), "a defect's text stays in the log");
        assertEquals(200, wire.post("/get_reward", GET_REWARD).status());
    }

    @Test
    void aCaptionWithoutAScoreIsNeverASilentZero() {
        Answerer failing = new Answerer() {
            @Override
            public List<List<Answer>> answer(List<CaptionQuestions> captions) {
                return captions.stream().map(asked -> asked.questions().stream().map(_ -> asked.caption().equals("Nothing.")
                        ? Answer.failed("too long") : Answer.of(" A")).toList()).toList();
            }

            @Override
            public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
                throw new UnsupportedOperationException();
            }
        };
        start(Settings.free(), failing);
        Wire.Answer answer = wire.post("/get_reward", GET_REWARD);
        assertEquals(422, answer.status());
        assertEquals("$.prompts[2][0]", answer.path());
        assertTrue(answer.message().contains("too long"), answer.message());
        JsonNode scored = wire.post("/v1/score", SCORE.replace("\"red\"", "\"Nothing.\"")).json().at("/groups/0/captions");
        assertTrue(scored.at("/0/reward").isNumber());
        assertTrue(scored.at("/2/reward").isNull());
        assertTrue(scored.at("/2/unscored").asText().contains("too long"));
        assertTrue(wire.get("/metrics").body().contains("caprl_reward_unscored_total 2.0"), wire.get("/metrics").body());
        wire.close();
        start(Settings.unscored(-1), failing);
        assertEquals(-1.0, wire.post("/get_reward", GET_REWARD).json().at("/rewards/2").asDouble());
    }

    @Test
    void clientsThatGoAwayHoldNothingUp() throws IOException {
        SlowAnswerer slow = new SlowAnswerer();
        start(Settings.free(), slow);
        byte[] body = GET_REWARD.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", wire.server().port())) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST /get_reward HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
                // Some go in the middle of their body.
                out.write(body, 0, i % 2 == 0 ? body.length : body.length / 2);
                out.flush();
            }
        }
        await(slow.asked);
        slow.go.countDown();
        assertEquals(200, wire.post("/get_reward", GET_REWARD).status());
    }

    @Test
    void metricsCountRequestsQuestionsAndBatches() {
        start();
        wire.post("/get_reward", GET_REWARD);
        wire.post("/get_reward", "{");
        String text = wire.get("/metrics").body();
        for (String line : List.of("caprl_reward_requests_total{path=\"/get_reward\",status=\"200\"} 1.0",
                "caprl_reward_requests_total{path=\"/get_reward\",status=\"400\"} 1.0", "caprl_reward_captions_total 3.0",
                "caprl_reward_questions_total 24.0", "caprl_reward_right_total 8.0", "caprl_reward_refusals_total 8.0",
                "caprl_reward_batch_questions_count 1", "caprl_reward_batch_questions_sum 24.0", "caprl_reward_queue_questions 0.0",
                "caprl_reward_request_seconds_bucket{path=\"/get_reward\",le=\"+Inf\"} 2", "caprl_reward_unscored_total 0.0")) {
            assertTrue(text.lines().anyMatch(line::equals), () -> line + " is not in\n" + text);
        }
        assertTrue(text.contains("caprl_reward_answers_per_second "), text);
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        start();
        InputException error = assertThrows(InputException.class,
                () -> RewardServer.listen(Settings.free().at(wire.server().port())));
        assertTrue(error.getMessage().contains("127.0.0.1:" + wire.server().port()), error.getMessage());
    }
}
