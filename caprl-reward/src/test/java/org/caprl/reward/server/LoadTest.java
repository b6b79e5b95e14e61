package org.caprl.reward.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.caprl.core.data.QaItem;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.MarkedQuestion;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.remote.ApiKey;
import org.caprl.reward.remote.ChatWire;
import org.caprl.reward.remote.OpenAiStub;
import org.caprl.reward.remote.Parallel;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.remote.RemoteServer;
import org.caprl.reward.remote.Seeds;
import org.caprl.reward.remote.StubModel;
import org.caprl.reward.remote.TinyAnswerer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients at a time. Every answer is held against what its own questions must get; answers are counted on both sides.
 * CAPRL_LARGE=true makes it 30 seconds.
 */
class LoadTest {
    private static final int CLIENTS = 64;
    private static final Duration TIME = Duration.ofSeconds("true".equals(System.getenv("CAPRL_LARGE")) ? 30 : 3);
    private static final int QUESTIONS = 4;
    private static final AnswererInfo INFO = new AnswererInfo("of a test", "short", 1.0, 10);

    /** One client's requests until the time is over. */
    private interface Client {
        /** Sends one request, checks its answer, and returns how many captions it had. */
        int request(Random random);
    }

    /** What came of it. */
    private record Load(long[] nanos, long captions) {
        static Load of(List<Client> clients, Duration time) {
            long end = System.nanoTime() + time.toNanos();
            AtomicLong captions = new AtomicLong();
            List<Callable<long[]>> tasks = new ArrayList<>();
            for (int c = 0; c < clients.size(); c++) {
                Client client = clients.get(c);
                Random random = new Random(c);
                tasks.add(() -> {
                    LongStream.Builder nanos = LongStream.builder();
                    for (long begin = System.nanoTime(); begin < end; begin = System.nanoTime()) {
                        captions.addAndGet(client.request(random));
                        nanos.add(System.nanoTime() - begin);
                    }
                    return nanos.build().toArray();
                });
            }
            long[] all = Parallel.results(tasks).stream().flatMapToLong(Arrays::stream).sorted().toArray();
            return new Load(all, captions.get());
        }

        void print(String what, Duration time) {
            System.out.printf(Locale.ROOT, "%s, %d clients, %d s: %d requests, %d captions, %.0f captions/s; latency p50 %.1f, p90 %.1f, "
                    + "p99 %.1f, max %.1f ms%n", what, CLIENTS, time.toSeconds(), nanos.length, captions,
                    captions / (double) time.toSeconds(),
                    percentile(0.5), percentile(0.9), percentile(0.99), percentile(1));
        }

        private double percentile(double share) {
            return nanos[(int) Math.min(nanos.length - 1, Math.floor(share * nanos.length))] / 1e6;
        }
    }

    private static ServerSettings settings() {
        return Settings.questions(QUESTIONS);
    }

    private static double counted(Wire wire, String metric) {
        return wire.get("/metrics").body().lines().filter(line -> line.startsWith(metric + " ")).mapToDouble(
                line -> Double.parseDouble(line.substring(metric.length() + 1))).findFirst().orElseThrow();
    }

    /** Captions whose only question is answered by a number that stands in them, or in which another one stands. */
    private static Client published(Wire wire) {
        return random -> {
            int n = 1 + random.nextInt(6);
            ObjectNode body = Wire.JSON.createObjectNode();
            ArrayNode prompts = body.putArray("prompts");
            List<Double> expected = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                int number = 100_000_000 + random.nextInt(800_000_000);
                boolean right = random.nextBoolean();
                expected.add(right ? 1.0 : 0.0);
                ArrayNode prompt = prompts.addArray().add("The number is " + (right ? number : number + 1) + ".");
                prompt.addArray().addArray().add("Which number?\n   - A) " + (number + 1) + "\n   - B) " + number + "\n   - C) "
                        + (number + 2)).add("B");
            }
            Wire.Answer answer = wire.post("/get_reward", body.toString());
            assertEquals(200, answer.status(), answer.body());
            List<Double> rewards = new ArrayList<>();
            answer.json().path("rewards").forEach(reward -> rewards.add(reward.doubleValue()));
            assertEquals(expected, rewards);
            return n;
        };
    }

    /** Groups of a run, each against what the same answerer says in this JVM. */
    private static Client group(RemoteReward reward, Answerer local) {
        return random -> {
            String sample = "sample " + random.nextInt(1000);
            List<QaItem> items = List.of(new QaItem("What colour is the circle?", List.of("red", "blue", "green"), random.nextInt(3)),
                    new QaItem("Is there a square?", List.of("no", "yes"), random.nextInt(2)));
            GroupToScore one = Asked.caption(sample, items, "A " + List.of("red", "blue", "yes").get(random.nextInt(3)),
                    random.nextLong(), 0);
            GroupToScore group = new GroupToScore(one.sample(), List.of(one.captions().getFirst(),
                    new GroupToScore.CaptionText("Nothing but green, no. " + random.nextInt(), 3)), one.key());
            List<Score> expected = expected(local, group);
            assertEquals(expected.stream().map(LoadTest::untilItsLetter).toList(),
                    reward.score(List.of(group)).getFirst().stream().map(LoadTest::untilItsLetter).toList());
            return 2;
        };
    }

    /** A remote model goes on after the letter, where a local one stops. */
    private static Score untilItsLetter(Score score) {
        return new Score(score.value(), score.unscored(), score.details().stream().map(MarkedQuestion.class::cast).<Record>map(
                m -> new MarkedQuestion(m.question(), m.options(), m.right(), m.chosen().isEmpty() ? m.answer()
                        : m.answer().substring(0, m.answer().indexOf(m.chosen()) + 1), m.chosen(), m.correct())).toList());
    }

    private static List<Score> expected(Answerer local, GroupToScore group) {
        synchronized (local) {
            return new QaReward(new QuestionPaper(QUESTIONS), local).score(List.of(group)).getFirst();
        }
    }

    private static RemoteServer at(int maxInFlight, String... urls) {
        return new RemoteServer(Arrays.stream(urls).map(URI::create).toList(), OpenAiStub.MODEL, ApiKey.NONE,
                Wire.JSON.createObjectNode(), maxInFlight, Duration.ofSeconds(60), Duration.ofSeconds(10), 5, Duration.ofMillis(50));
    }

    private static RemoteReward reward(RewardServer server) {
        return new RemoteReward(at(CLIENTS, "http://127.0.0.1:" + server.port()), ScoreForm.Wanted.published(QUESTIONS, 1.0, 10));
    }

    @Test
    void noAnswerIsLostOrDoubledAndEachIsTheAskersOwn() {
        LiteralAnswerer literal = new LiteralAnswerer();
        RewardServer server = RewardServer.listen(settings());
        server.serve(literal, INFO);
        try (Wire wire = Wire.to(server);
                RemoteReward reward = reward(server)) {
            List<Client> clients = new ArrayList<>();
            for (int c = 0; c < CLIENTS; c++) {
                clients.add(c % 2 == 0 ? published(wire) : group(reward, literal));
            }
            Load load = Load.of(clients, TIME);
            load.print("reward server, scripted answerer", TIME);
            assertTrue(load.nanos().length >= CLIENTS);
            assertEquals(load.captions(), counted(wire, "caprl_reward_captions_total"));
            assertEquals(load.captions() * QUESTIONS, counted(wire, "caprl_reward_questions_total"));
            assertEquals(0, counted(wire, "caprl_reward_queue_questions"));
        }
    }

    @Test
    void requestsGoToTheOtherUrlWhenOneAnswererDiesUnderLoad(@TempDir Path folder) throws Exception {
        try (Tiny tiny = new Tiny(folder)) {
            StubModel served = new StubModel(folder);
            OpenAiStub first = new OpenAiStub(served, Optional.empty());
            OpenAiStub second = new OpenAiStub(served, Optional.empty());
            RemoteAnswerer remote = new RemoteAnswerer(at(64, first.url(), second.url()), new ChatWire(ChatWire.Continuation.FLAGS),
                    AnswererPrompt.named("short"), new RemoteAnswerer.Sampling(1.0, 10, Seeds.INT64, 20));
            RewardServer server = RewardServer.listen(settings());
            server.serve(remote, INFO);
            try (Wire wire = Wire.to(server);
                    RemoteReward reward = reward(server)) {
                List<Client> clients = new ArrayList<>();
                for (int c = 0; c < CLIENTS; c++) {
                    clients.add(group(reward, tiny.answerer));
                }
                Thread killer = Thread.ofVirtual().start(() -> {
                    while (first.requests() < 200) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    first.close();
                });
                Load load = Load.of(clients, TIME);
                killer.join();
                load.print("reward server over two endpoints, one killed", TIME);
                assertTrue(second.requests() > 200);
                assertEquals(load.captions(), counted(wire, "caprl_reward_captions_total"));
                assertEquals(0, counted(wire, "caprl_reward_unscored_total"));
            } finally {
                remote.close();
                second.close();
                served.close();
            }
        }
    }

    /** The model of the endpoints, in this JVM. */
    private static final class Tiny implements AutoCloseable {
        private final TensorOps ops = Backends.open("cpu", 1).ops();
        private final CausalLm model;
        private final Processor processor;
        private final LocalAnswerer answerer;

        Tiny(Path folder) throws IOException {
            TinyAnswerer.write(folder, ops);
            model = Models.load(folder, ops);
            processor = Processor.load(folder);
            answerer = new LocalAnswerer(model, ops, processor, AnswererPrompt.named("short"), 1.0, 10,
                    new GeneratorLimits(16, 4096, 256, "the test's cache"));
        }

        @Override
        public void close() {
            answerer.close();
            processor.close();
            model.close();
            ops.close();
        }
    }
}
