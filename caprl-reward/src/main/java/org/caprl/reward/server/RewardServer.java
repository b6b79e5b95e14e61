package org.caprl.reward.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.reward.FormatReward;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.QaReward;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reward as a service: {@code POST /get_reward} in the form that published trainers speak, {@code POST /v1/score} and {@code POST
 * /v1/letters} in the form of {@code GET /schema}, {@code GET /health}, {@code /ready} and {@code /metrics}.
 *
 * <p>It listens from the start and is ready once it has an answerer, which one thread asks for all requests together. What is wrong with a
 * request is said with its place and a status of 400 to 429; 503 says that the server is at fault and a later try may do.
 */
public final class RewardServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RewardServer.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String JSON_TYPE = "application/json";
    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern SAFE_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final String BEARER = "Bearer ";
    private static final Set<String> OPEN = Set.of("/health", "/ready");
    private static final Set<String> PATHS = Set.of("/get_reward", "/v1/score", "/v1/letters", "/health", "/ready", "/metrics", "/schema");
    private static final Duration IDLE = Duration.ofSeconds(60);
    /** What is read and dropped of a refused request, so that its sender comes to read why. */
    private static final long MOST_DROPPED = 256L << 20;
    private static final String FAULT = "fault";

    private final ServerSettings settings;
    private final ServerMetrics metrics = new ServerMetrics();
    private final AnswerQueue queue;
    private final GetRewardForm getReward;
    private final Semaphore requests;
    private final Javalin http;
    private volatile Ready ready;
    private volatile boolean stopping;
    private int port;

    private record Ready(Answerer answerer, AnswererInfo info) {
        Asked.Rewards rewards(ScoreForm.Wanted wanted) {
            return new Asked.Rewards(new QaReward(wanted.paper(), wanted.marking(), wanted.wrongPenalty(),
                    List.of(new QaReward.Named("answerer", answerer))));
        }
    }

    private RewardServer(ServerSettings settings) {
        this.settings = settings;
        this.queue = new AnswerQueue(new AnswerQueue.Limits(settings.maxQueue(), settings.batchQuestions()),
                batch -> metrics.batch(batch.questions()));
        this.getReward = new GetRewardForm(settings.seed(), settings.maxCaption());
        this.requests = new Semaphore(settings.maxRequests());
        metrics.gauge("queue_questions", "Questions that wait.", queue::waitingQuestions);
        metrics.gauge("answers_per_second", "Answers a second in the last batch.", queue::questionsPerSecond);
        metrics.gauge("requests_in_flight", "Requests being read, waiting or being answered.",
                () -> settings.maxRequests() - requests.availablePermits());
        this.http = Javalin.create(this::configure);
    }

    /**
     * Starts to listen; {@code /ready} says 503 until {@link #serve}.
     *
     * @throws InputException if the address can't be bound
     */
    public static RewardServer listen(ServerSettings settings) {
        RewardServer server = new RewardServer(settings);
        try {
            server.http.start();
            server.port = server.http.port();
        } catch (JavalinBindException e) {
            server.queue.close(Duration.ZERO);
            throw new InputException("can't listen on " + settings.host() + ":" + settings.port() + ": " + e.getMessage()
                    + "; give another --port, or stop what listens there", e);
        }
        return server;
    }

    /** Answers requests from now on. The answerer stays the caller's, and is asked by one thread until {@link #close} returns. */
    public void serve(Answerer answerer, AnswererInfo info) {
        ready = new Ready(answerer, info);
    }

    /** A number of the answerer's own for {@code /metrics}. */
    public void gauge(String name, String help, DoubleSupplier value) {
        metrics.gauge(name, help, value);
    }

    /** The port that it listens on, or did. */
    public int port() {
        return port;
    }

    /** Waits until the server has been told to stop and the answerer is not asked any more. */
    public void awaitStop() {
        queue.awaitEnd();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.http.prefer405over404 = true;
        config.concurrency.useVirtualThreads = true;
        config.jetty.addConnector((server, http) -> {
            HttpConfiguration own = new HttpConfiguration(http);
            own.setSendServerVersion(false);
            ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(own));
            connector.setHost(settings.host());
            connector.setPort(settings.port());
            connector.setIdleTimeout(IDLE.toMillis());
            return connector;
        });
        config.requestLogger.http((ctx, millis) -> report(ctx, millis / 1000));
        config.routes.before(this::admit);
        config.routes.get("/health", ctx -> reply(ctx, JSON.createObjectNode().put("status", "ok")));
        config.routes.get("/ready", this::ready);
        config.routes.get("/metrics", ctx -> ctx.contentType(ServerMetrics.CONTENT_TYPE).result(metrics.text()));
        config.routes.get("/schema", ctx -> ctx.contentType("application/schema+json").result(schema()));
        config.routes.post("/get_reward", ctx -> answer(ctx, this::getReward));
        config.routes.post("/v1/score", ctx -> answer(ctx, this::score));
        config.routes.post("/v1/letters", ctx -> answer(ctx, this::letters));
        config.routes.exception(RequestFault.class, this::refuse);
        config.routes.exception(Exception.class, (e, ctx) -> {
            LOG.error("request {}: a defect of this program", id(ctx), e);
            refuse(new RequestFault(500, "a defect of the server; its log says more under the id of this request"), ctx);
        });
        config.routes.error(404, ctx -> unknown(ctx, "no such path: " + String.join(", ", PATHS.stream().sorted().toList())));
        config.routes.error(405, ctx -> unknown(ctx, "this path does not take " + ctx.method()));
    }

    private static byte[] schema() throws IOException {
        try (InputStream in = RewardServer.class.getResourceAsStream("schema.json")) {
            return in.readAllBytes();
        }
    }

    /** Gives the request its id, and asks for the token. */
    private void admit(Context ctx) {
        String given = ctx.header(REQUEST_ID);
        String id = given != null && SAFE_ID.matcher(given).matches() ? given : UUID.randomUUID().toString();
        ctx.attribute(REQUEST_ID, id);
        ctx.header(REQUEST_ID, id);
        if (settings.token().isPresent() && !OPEN.contains(ctx.path())) {
            String sent = Optional.ofNullable(ctx.header("Authorization")).orElse("");
            if (!MessageDigest.isEqual(sent.getBytes(StandardCharsets.UTF_8),
                    (BEARER + settings.token().get()).getBytes(StandardCharsets.UTF_8))) {
                ctx.header("WWW-Authenticate", "Bearer");
                throw new RequestFault(RequestFault.UNAUTHORIZED,
                        "this server wants its token: send the header 'Authorization: Bearer …'");
            }
        }
    }

    private void ready(Context ctx) throws JsonProcessingException {
        Ready now = ready;
        ObjectNode answer = JSON.createObjectNode().put("ready", now != null && !stopping);
        if (stopping) {
            reply(ctx.status(RequestFault.UNAVAILABLE), answer.put("reason", "stopping"));
        } else if (now == null) {
            reply(ctx.status(RequestFault.UNAVAILABLE), answer.put("reason", "loading the answerer"));
        } else {
            answer.put("answerer", now.info().answerer()).put("template", now.info().template())
                    .put("temperature", now.info().temperature()).put("max_tokens", now.info().maxTokens())
                    .put("questions_per_caption", settings.questions());
            reply(ctx, answer);
        }
    }

    /** What a request with a body is answered with. */
    private interface Answering {
        JsonNode answer(Ready ready, JsonPlace body);
    }

    private void answer(Context ctx, Answering answering) throws JsonProcessingException {
        Ready now = ready;
        if (stopping || now == null) {
            throw RequestFault.later(RequestFault.UNAVAILABLE, stopping ? "the server is stopping" : "the answerer is being loaded", 1);
        }
        if (!requests.tryAcquire()) {
            throw RequestFault.later(RequestFault.TOO_MANY, settings.maxRequests() + " requests are in flight already", 1);
        }
        try {
            send(ctx, JSON.writeValueAsBytes(answering.answer(now, JsonPlace.parse(body(ctx)))));
        } finally {
            requests.release();
        }
    }

    private JsonNode getReward(Ready now, JsonPlace body) {
        List<GroupToScore> asked = getReward.read(body);
        ScoreForm.Wanted published = ScoreForm.Wanted.published(settings.questions(), now.info().temperature(), now.info().maxTokens());
        List<Score> scores = await(queue.submit(now.rewards(published), asked));
        metrics.scored(scores);
        List<Score> format = settings.formatWeight() == 0 ? null
                : new FormatReward().score(asked).stream().map(List::getFirst).toList();
        return GetRewardForm.write(asked, scores, format, settings.formatWeight(), settings.unscored().isPresent()
                ? Optional.of(settings.unscored().getAsDouble()) : Optional.empty());
    }

    private JsonNode score(Ready now, JsonPlace body) {
        ScoreForm.Request asked = ScoreForm.read(body, now.info(), settings.questions(), settings.maxCaption());
        List<GroupToScore> captions = asked.groups().stream().flatMap(List::stream).toList();
        List<Score> scores = await(queue.submit(now.rewards(asked.wanted()), captions));
        metrics.scored(scores);
        return ScoreForm.write(asked, scores);
    }

    private JsonNode letters(Ready now, JsonPlace body) {
        List<CaptionQuestions> asked = LettersForm.read(body, settings.maxCaption());
        List<List<LetterLogProbs>> letters = await(queue.submit(new Asked.Letters(now.answerer()), asked));
        return LettersForm.write(asked, letters);
    }

    private <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(settings.answerTime().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw RequestFault.later(RequestFault.UNAVAILABLE,
                    "not answered within " + settings.answerTime().toSeconds() + " seconds; send less at a time", 1);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new RequestFault(RequestFault.UNAVAILABLE, "the server is stopping");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RequestFault fault -> fault;
                case InputException input -> new RequestFault(RequestFault.UNPROCESSABLE, input.getMessage());
                case RunStoppedException stopped -> RequestFault.answerer(stopped);
                default -> new IllegalStateException(e.getCause());
            };
        }
    }

    private byte[] body(Context ctx) {
        long declared = ctx.req().getContentLengthLong();
        if (declared > settings.maxBody()) {
            throw tooLarge();
        }
        try {
            byte[] body = ctx.req().getInputStream().readNBytes(settings.maxBody() + 1);
            if (body.length > settings.maxBody()) {
                throw tooLarge();
            }
            return body;
        } catch (IOException e) {
            throw new RequestFault(RequestFault.BAD_REQUEST, "the body ended early or came too slowly: " + e.getMessage());
        }
    }

    private RequestFault tooLarge() {
        return new RequestFault(RequestFault.TOO_LARGE, "the body has more than " + settings.maxBody() + " bytes; split the request, or "
                + "raise --max-body");
    }

    private void refuse(RequestFault fault, Context ctx) {
        ctx.attribute(FAULT, fault.getMessage());
        drop(ctx);
        if (fault.retryAfterSeconds() > 0) {
            ctx.header("Retry-After", String.valueOf(fault.retryAfterSeconds()));
        }
        ObjectNode error = JSON.createObjectNode();
        ObjectNode inner = error.putObject("error").put("message", fault.getMessage());
        if (fault.path() != null) {
            inner.put("path", fault.path());
        }
        inner.put("request_id", id(ctx));
        reply(ctx.status(fault.status()), error);
    }

    private void unknown(Context ctx, String reason) {
        if (ctx.attribute(FAULT) == null) {
            refuse(new RequestFault(ctx.statusCode(), reason), ctx);
        }
    }

    private static void drop(Context ctx) {
        try {
            InputStream in = ctx.req().getInputStream();
            byte[] dropped = new byte[1 << 16];
            long left = MOST_DROPPED;
            for (int read = in.read(dropped); read >= 0 && left > 0; read = in.read(dropped)) {
                left -= read;
            }
        } catch (IOException e) {
            // The sender is gone, or too slow: then it does not read the answer either.
        }
    }

    private static void reply(Context ctx, JsonNode answer) {
        try {
            ctx.contentType(JSON_TYPE).result(JSON.writeValueAsBytes(answer));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // a tree always has a text
        }
    }

    /** Writes an answer to its end, so that a stopping server knows that it is out. */
    private static void send(Context ctx, byte[] answer) {
        ctx.contentType(JSON_TYPE).res().setContentLength(answer.length);
        try (OutputStream out = ctx.outputStream()) {
            out.write(answer);
        } catch (IOException e) {
            LOG.info("request {}: nobody waits for the answer any more: {}", id(ctx), e.getMessage());
        }
    }

    private static String id(Context ctx) {
        return ctx.attribute(REQUEST_ID);
    }

    private void report(Context ctx, double seconds) {
        String path = PATHS.contains(ctx.path()) ? ctx.path() : "other";
        metrics.request(path, ctx.statusCode(), seconds);
        String fault = ctx.attribute(FAULT);
        LOG.info("request {} {} {} {} {} s{}", id(ctx), ctx.method(), path, ctx.statusCode(),
                String.format(Locale.ROOT, "%.4f", seconds), fault == null ? "" : " " + fault);
    }

    /** Refuses new requests with 503, finishes those in flight, and stops to listen. */
    @Override
    public synchronized void close() {
        if (stopping) {
            return;
        }
        stopping = true;
        long end = System.nanoTime() + settings.stopTime().toNanos();
        queue.close(settings.stopTime());
        try {
            // Whoever still writes an answer holds a permit.
            long left = Math.max(TimeUnit.SECONDS.toNanos(1), end - System.nanoTime());
            if (!requests.tryAcquire(settings.maxRequests(), left, TimeUnit.NANOSECONDS)) {
                LOG.warn("stopped with requests in flight");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.stop();
    }
}
