package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.remote.OpenAiStub;
import org.caprl.reward.remote.StubModel;
import org.caprl.reward.remote.TinyAnswerer;
import org.caprl.reward.server.RewardServer;
import org.caprl.reward.server.ServerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run whose reward lies behind a reward server is the run that rewards in its own JVM: metrics, samples and checkpoints. */
@Timeout(120)
class RewardServerRunTest {
    private static final int STEPS = 3;
    private static final ServerSettings SETTINGS = new ServerSettings(ServerSettings.LOOPBACK, 0, Optional.empty(), 0, 8, 0,
            OptionalDouble.empty(), 65_536, ServerSettings.BATCH_QUESTIONS, 1 << 20, ServerSettings.MAX_CAPTION,
            ServerSettings.MAX_REQUESTS, ServerSettings.ANSWER_TIME, ServerSettings.STOP_TIME);

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static Path local;

    private final List<Runnable> open = new ArrayList<>();

    @BeforeAll
    static void localRun() throws IOException {
        runs = TinyRun.write(temp, STEPS, "", "");
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            TinyAnswerer.write(temp.resolve("tiny"), ops);
        }
        local = runs.run("run.name=local", "answerer.path=" + temp.resolve("tiny"));
    }

    @AfterEach
    void close() {
        open.reversed().forEach(Runnable::run);
    }

    private RewardServer serve(String answerer, List<String> remote, List<String> log) {
        RewardServerLaunch launch = new RewardServerLaunch(SETTINGS,
                new RewardServerLaunch.Served(answerer, remote, WeightType.FLOAT32, "short", 0.6, 10, 16, "cpu", 1));
        CompletableFuture<RewardServer> started = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                launch.run(log::add, started::complete);
            } catch (RuntimeException e) {
                started.completeExceptionally(e);
            }
        });
        RewardServer server = started.join();
        open.add(() -> {
            server.close();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return server;
    }

    private RewardServer serve() {
        return serve(temp.resolve("tiny").toString(), List.of(), Collections.synchronizedList(new ArrayList<>()));
    }

    private static String[] behind(String name, RewardServer server) {
        return new String[] {"run.name=" + name, "answerer=null", "reward.server={url: 'http://127.0.0.1:" + server.port()
                + "', retries: 2, backoff_seconds: 0.05}"};
    }

    private static void assertSameRun(Path run) throws IOException {
        assertEquals(TinyRun.repeatable(local), TinyRun.repeatable(run));
        assertEquals(TinyRun.files(local.resolve("samples")), TinyRun.files(run.resolve("samples")));
        assertEquals(TinyRun.files(local.resolve("checkpoints")).stream().filter(f -> !f.contains("README")).toList(),
                TinyRun.files(run.resolve("checkpoints")).stream().filter(f -> !f.contains("README")).toList());
    }

    @Test
    void theRunIsTheSameBehindAServer() throws IOException {
        assertSameRun(runs.run(behind("behind", serve())));
    }

    @Test
    void theRunIsTheSameBehindAServerThatAsksAnOpenAiEndpoint() throws IOException {
        try (StubModel model = new StubModel(temp.resolve("tiny")); OpenAiStub stub = new OpenAiStub(model, Optional.empty())) {
            Path run = runs.run(behind("behind-two", serve(stub.url(), List.of("model=tiny", "top_logprobs=1000"), new ArrayList<>())));
            assertEquals(TinyRun.repeatable(local), TinyRun.repeatable(run));
        }
    }

    @Test
    void probabilitiesAreTheSameToo() {
        RewardServer server = serve();
        String[] keys = behind("probability", server);
        Path here = runs.run("run.name=probability-here", "answerer.path=" + temp.resolve("tiny"), "reward.marking=probability",
                "trainer.steps=1");
        assertEquals(TinyRun.repeatable(here),
                TinyRun.repeatable(runs.run(keys[0], keys[1], keys[2], "reward.marking=probability", "trainer.steps=1")));
    }

    @Test
    void evaluationsByThemselvesAskTheServerToo() {
        String[] keys = behind("eval", serve());
        EvalLaunch.Result here = new EvalLaunch(runs.config("answerer.path=" + temp.resolve("tiny")), Optional.empty(), true).run(_ -> { });
        assertEquals(here, new EvalLaunch(runs.config(keys), Optional.empty(), true).run(_ -> { }));
    }

    @Test
    void aServerThatAnswersOtherwiseOrNotAtAllIsSaidBeforeTheRunBegins() {
        RewardServer server = serve();
        String[] keys = behind("refused", server);
        String message = assertThrows(InputException.class,
                () -> runs.run(keys[0], keys[1], keys[2], "reward.answer_temperature=0.7")).getMessage();
        assertTrue(message.contains("0.7") && message.contains("0.6"), message);
        server.close();
        message = assertThrows(InputException.class, () -> runs.run(keys)).getMessage();
        assertTrue(message.contains("can't be reached") && message.contains(":" + server.port()), message);
        assertFalse(Files.exists(temp.resolve("runs/refused")));
    }

    @Test
    void whenTheServerStopsTheRunStopsAndGoesOnBehindTheNextOne() throws IOException {
        RewardServer first = serve();
        Thread.ofVirtual().start(() -> {
            while (!Files.exists(temp.resolve("runs/stopped/checkpoints/step-1"))) {
                LockSupport.parkNanos(1_000_000);
            }
            first.close();
        });
        try {
            runs.run(behind("stopped", first));
        } catch (RunStoppedException e) {
            // Unless it was done before the server had stopped.
            assertTrue(e.getMessage().contains(":" + first.port()), e.getMessage());
        }
        first.close();
        assertSameRun(runs.run(behind("stopped", serve())));
    }

    @Test
    void aPlanAsksNoServer() {
        RewardServer server = serve();
        server.close();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Launch(runs.config(behind("plan", server)), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(new Launch.Options(true, false));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("KV pages"), out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void someoneMustAnswerAndOnlyOne() {
        String nobody = assertThrows(InputException.class, () -> runs.config("answerer=null")).getMessage();
        assertTrue(nobody.contains("answerer.path") && nobody.contains("reward.server"), nobody);
        String many = assertThrows(InputException.class, () -> runs.config("answerer.others=[{path: " + temp.resolve("tiny") + "}]",
                "reward.server.url=http://a:1")).getMessage();
        assertTrue(many.contains("answerer.others"), many);
        assertThrows(InputException.class, () -> runs.config("reward.server.url=ftp://a"));
    }
}
