package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.remote.Fault;
import org.caprl.reward.remote.OpenAiStub;
import org.caprl.reward.remote.StubModel;
import org.caprl.reward.remote.TinyAnswerer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run whose answerer is served over HTTP is the run whose answerer is in this JVM, whatever the servers do meanwhile. */
@Timeout(120)
class RemoteAnswererRunTest {
    private static final int STEPS = 4;
    /** Of a step: 2 prompts, 3 captions each, 2 questions each. */
    private static final int QUESTIONS = 12;

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static StubModel served;
    private static Path local;

    @BeforeAll
    static void localRun() throws IOException {
        runs = TinyRun.write(temp, STEPS, "", "");
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            TinyAnswerer.write(temp.resolve("tiny"), ops);
        }
        served = new StubModel(temp.resolve("tiny"));
        local = runs.run("run.name=local", "answerer.path=" + temp.resolve("tiny"));
    }

    @AfterAll
    static void close() {
        served.close();
    }

    private static OpenAiStub stub() {
        return new OpenAiStub(served, Optional.empty());
    }

    /** @param keys more of {@code answerer.remote}, each after a comma */
    private static String[] remote(String name, String keys, OpenAiStub... stubs) {
        String urls = String.join(", ", List.of(stubs).stream().map(s -> "'" + s.url() + "'").toList());
        return new String[] {"run.name=" + name, "answerer={template: short, remote: {urls: [" + urls + "], model: tiny, "
                + "top_logprobs: 1000, retries: 3, backoff_seconds: 0.05, timeout_seconds: 5" + keys + "}}"};
    }

    private static void assertSameRun(Path run) throws IOException {
        assertEquals(TinyRun.repeatable(local), TinyRun.repeatable(run));
        for (int step = 1; step <= STEPS; step++) {
            String checkpoint = "checkpoints/step-" + step;
            assertEquals(TinyRun.files(local.resolve(checkpoint)), TinyRun.files(run.resolve(checkpoint)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "completions"})
    void theSameSeedsGiveTheSameRun(String api) throws IOException {
        String tokenizer = api.equals("chat") ? "" : ", tokenizer: " + temp.resolve("tiny");
        try (OpenAiStub stub = stub()) {
            assertSameRun(runs.run(remote(api, ", api: " + api + tokenizer, stub)));
            assertTrue(stub.answered().size() >= STEPS * QUESTIONS, "asked over HTTP");
        }
    }

    @Test
    void otherSeedsGiveOtherRewards() {
        try (OpenAiStub stub = stub()) {
            Path run = runs.run(remote("seeds", ", seed: int31", stub));
            assertNotEquals(rewards(local), rewards(run));
        }
    }

    private static List<Double> rewards(Path run) {
        return ofSteps(run, MetricKey.REWARD_QA);
    }

    private static List<Double> dropped(Path run) {
        return ofSteps(run, MetricKey.GROUP_DROPPED);
    }

    private static List<Double> ofSteps(Path run, MetricKey key) {
        return TinyRun.repeatable(run).stream().skip(1).map(m -> m.get(key).orElseThrow()).toList();
    }

    @Test
    void oneOfTwoServersMayDie() throws IOException {
        OpenAiStub dies = stub();
        try (OpenAiStub lives = stub()) {
            dieAt(dies, QUESTIONS);
            Path run = runs.run(remote("one-dies", "", dies, lives));
            assertSameRun(run);
            assertEquals(List.of(0.0, 0.0, 0.0, 0.0), dropped(run));
            assertTrue(dies.requests() >= QUESTIONS);
        } finally {
            dies.close();
        }
    }

    @Test
    void whenAllDieTheRunStopsAndGoesOnWhereTheModelIsServedNext() throws IOException {
        OpenAiStub dies = stub();
        int afterTwoSteps = checkAndEvaluations(2) + 2 * QUESTIONS + 3;
        dieAt(dies, afterTwoSteps);
        String stopped = assertThrows(RunStoppedException.class, () -> runs.run(remote("all-die", "", dies))).getMessage();
        dies.close();
        assertTrue(stopped.startsWith("step 3: ")
                && stopped.contains("could not be scored, more than reward.max_unscored_share = 0.5 allows")
                && stopped.contains(dies.url()), stopped);
        Path run = temp.resolve("runs/all-die");
        assertEquals("step-2\n", Files.readString(run.resolve("latest")));
        try (OpenAiStub elsewhere = stub()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertEquals(run, runs.launch(out, false, remote("all-die", ", max_in_flight: 3", elsewhere)));
            assertTrue(out.toString(StandardCharsets.UTF_8).contains("after step 2"), out.toString(StandardCharsets.UTF_8));
        }
        assertSameRun(run);
    }

    /** The stub closes its port in the middle of its n-th request; none from it on is answered. */
    private static void dieAt(OpenAiStub stub, int request) {
        stub.faults(n -> {
            if (n == request) {
                Thread.ofVirtual().start(stub::close);
            }
            return n < request ? Fault.NONE : new Fault.Drop();
        });
    }

    /** Requests of the check and of the evaluations up to the end of a step: all of a run so far but its questions. */
    private static int checkAndEvaluations(int steps) {
        try (OpenAiStub stub = stub()) {
            String[] remote = remote("count-" + steps, "", stub);
            runs.run(remote[0], remote[1], "trainer.steps=" + steps);
            return stub.requests() - steps * QUESTIONS;
        }
    }

    @Test
    void aCaptionWithoutAnAnswerIsLeftOutWithItsGroupAndCounted() throws IOException {
        try (OpenAiStub stub = stub()) {
            // The check, the evaluation before training, and one question of the first step.
            int before = 1 + (checkAndEvaluations(1) - 1) / 2 + 1;
            stub.faults(n -> n == before ? new Fault.Status(400, "{\"error\": {\"message\": \"too long\"}}", Map.of()) : Fault.NONE);
            Path run = runs.run(remote("dropped", ", max_in_flight: 1", stub));
            assertEquals(List.of(1.0, 0.0, 0.0, 0.0), dropped(run));
            String samples = Files.readString(run.resolve("samples/step-1.jsonl"));
            assertTrue(samples.contains("status 400: too long"), samples);
        }
    }

    /** Their rewards are the mean of both, here of a local one and the same model elsewhere, whose draws are others. */
    @Test
    void severalAnswerersMayBeHereAndElsewhere() {
        try (OpenAiStub stub = stub()) {
            String remote = remote("both", "", stub)[1].replaceFirst("^answerer=", "");
            Path run = runs.run("run.name=both", "answerer={path: " + temp.resolve("tiny") + ", template: short, others: [" + remote + "]}",
                    "trainer.steps=1");
            assertEquals(1 + QUESTIONS, stub.requests(), "asked for rewards alone");
            Path here = runs.run("run.name=both-here", "answerer={path: " + temp.resolve("tiny") + ", template: short, others: [{path: "
                    + temp.resolve("tiny") + ", template: short}]}", "trainer.steps=1");
            assertEquals(TinyRun.repeatable(here), TinyRun.repeatable(run));
        }
    }

    @Test
    void probabilitiesOfTheLettersComeOverHttpToo() {
        try (OpenAiStub stub = stub()) {
            String[] remote = remote("probability", "", stub);
            Path run = runs.run(remote[0], remote[1], "reward.marking=probability", "trainer.steps=2");
            Path here = runs.run("run.name=probability-here", "answerer.path=" + temp.resolve("tiny"), "reward.marking=probability",
                    "trainer.steps=2");
            assertEquals(TinyRun.repeatable(here), TinyRun.repeatable(run));
        }
    }

    @Test
    void aRunWhoseServersDoNotAnswerIsRefusedBeforeItBegins() {
        OpenAiStub dead = stub();
        dead.close();
        String message = assertThrows(InputException.class, () -> runs.run(remote("dead", "", dead))).getMessage();
        assertTrue(message.contains("can't be reached") && message.contains(dead.url()), message);
        assertFalse(Files.exists(temp.resolve("runs/dead")));
        try (OpenAiStub stub = stub()) {
            String[] other = remote("other", "", stub);
            other[1] = other[1].replace("model: tiny", "model: large");
            String refused = assertThrows(InputException.class, () -> runs.run(other)).getMessage();
            assertTrue(refused.contains("status 404: The model `large` does not exist."), refused);
        }
    }

    @Test
    void aPlanAsksNobody() {
        try (OpenAiStub stub = stub()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new Launch(runs.config(remote("plan", "", stub)), new PrintStream(out, true, StandardCharsets.UTF_8))
                    .run(new Launch.Options(true, false));
            assertEquals(0, stub.requests());
            assertTrue(out.toString(StandardCharsets.UTF_8).contains("KV pages"), out.toString(StandardCharsets.UTF_8));
        }
    }
}
