package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.caprl.core.text.ChatMessage;

/**
 * {@code /v1/completions} and {@code /v1/chat/completions} over real HTTP, in OpenAI's form with the flags of vLLM, answered by a local
 * model, with faults on demand. As many stubs as wanted share a model.
 */
public final class OpenAiStub implements AutoCloseable {
    /** The name under which the model is served. */
    public static final String MODEL = "tiny";

    private static final JsonMapper JSON = new JsonMapper();

    private final StubModel model;
    private final Optional<String> key;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final List<JsonNode> answered = Collections.synchronizedList(new ArrayList<>());
    private volatile IntFunction<Fault> faults = _ -> Fault.NONE;

    /** A stub on a free port. @param key that requests must carry, if any */
    public OpenAiStub(StubModel model, Optional<String> key) {
        this(model, key, 0);
    }

    /** A stub on a port. */
    public OpenAiStub(StubModel model, Optional<String> key, int port) {
        this.model = model;
        this.key = key;
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/v1/", this::handle);
        server.start();
    }

    /** The base URL. */
    public String url() {
        return "http://127.0.0.1:" + port() + "/v1";
    }

    /** Its port. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** What becomes of the n-th request from now on, counted from 0. */
    public void faults(IntFunction<Fault> byRequest) {
        requests.set(0);
        faults = byRequest;
    }

    /** Requests that came since {@link #faults} was last called, answered or not. */
    public int requests() {
        return requests.get();
    }

    /** Most requests that were there at a time. */
    public int mostInFlight() {
        return mostInFlight.get();
    }

    /** Bodies of the requests that were answered whole. */
    public List<JsonNode> answered() {
        synchronized (answered) {
            return List.copyOf(answered);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        try {
            answer(exchange, faults.apply(requests.getAndIncrement()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            inFlight.decrementAndGet();
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange, Fault fault) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (fault) {
            case Fault.Status(int status, String text, var headers) -> {
                headers.forEach(exchange.getResponseHeaders()::set);
                send(exchange, status, text);
            }
            case Fault.Drop() -> { }
            case Fault.Garbage(String text) -> send(exchange, 200, text);
            case Fault.Delay(var time) -> {
                Thread.sleep(time);
                if (respond(exchange, body)) {
                    answered.add(JSON.readTree(body));
                }
            }
            case Fault.Truncate() -> half(exchange, body);
            case Fault.Stall(var time) -> {
                half(exchange, body);
                Thread.sleep(time);
            }
        }
    }

    private void half(HttpExchange exchange, byte[] body) throws IOException {
        byte[] whole = reply(exchange.getRequestURI(), JSON.readTree(body)).toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, whole.length);
        exchange.getResponseBody().write(whole, 0, whole.length / 2);
        exchange.getResponseBody().flush();
    }

    private boolean respond(HttpExchange exchange, byte[] body) throws IOException {
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
        if (key.isPresent() && !given.equals("Bearer " + key.get())) {
            return refuse(exchange, 401, "Incorrect API key provided: " + given.replace("Bearer ", "") + ".");
        }
        JsonNode request = JSON.readTree(body);
        if (!request.path("model").asText().equals(MODEL)) {
            return refuse(exchange, 404, "The model `" + request.path("model").asText() + "` does not exist.");
        }
        if (request.path("continue_final_message").asBoolean() && request.path("add_generation_prompt").asBoolean(true)) {
            return refuse(exchange, 400, "Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
        }
        for (int[] prompt : prompts(exchange.getRequestURI(), request)) {
            Optional<String> misfit = model.misfit(prompt, request.path("max_tokens").asInt(16));
            if (misfit.isPresent()) {
                return refuse(exchange, 400, misfit.get());
            }
        }
        send(exchange, 200, reply(exchange.getRequestURI(), request).toString());
        return true;
    }

    private static boolean refuse(HttpExchange exchange, int status, String message) throws IOException {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error").put("message", message).put("type", "invalid_request_error").putNull("param").putNull("code");
        send(exchange, status, error.toString());
        return false;
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static boolean isChat(URI uri) {
        return uri.getPath().endsWith("/chat/completions");
    }

    private List<int[]> prompts(URI uri, JsonNode request) {
        if (isChat(uri)) {
            return List.of(model.encode(rendered(request)));
        }
        JsonNode prompt = request.path("prompt");
        if (prompt.isTextual()) {
            return List.of(model.encode(prompt.textValue()));
        }
        if (prompt.path(0).isInt()) {
            return List.of(ids(prompt));
        }
        return StreamSupport.stream(prompt.spliterator(), false)
                .map(one -> one.isTextual() ? model.encode(one.textValue()) : ids(one)).toList();
    }

    private static int[] ids(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    }

    private String rendered(JsonNode request) {
        List<ChatMessage> messages = new ArrayList<>();
        request.path("messages").forEach(m -> messages.add(ChatMessage.text(m.path("role").asText(), m.path("content").asText())));
        if (!request.path("continue_final_message").asBoolean()) {
            return model.render(messages, request.path("add_generation_prompt").asBoolean(true));
        }
        // The turn is opened and holds the message's text so far.
        return model.render(messages.subList(0, messages.size() - 1), true) + messages.getLast().text();
    }

    private ObjectNode reply(URI uri, JsonNode request) {
        boolean chat = isChat(uri);
        int top = chat ? request.path("logprobs").asBoolean() ? request.path("top_logprobs").asInt() : 0 : request.path("logprobs").asInt();
        ObjectNode reply = JSON.createObjectNode().put("id", "stub-" + requests.get())
                .put("object", chat ? "chat.completion" : "text_completion").put("created", 1).put("model", MODEL);
        ArrayNode choices = reply.putArray("choices");
        int promptTokens = 0;
        int tokens = 0;
        for (int[] prompt : prompts(uri, request)) {
            StubModel.Written written = model.write(prompt, request.path("temperature").asDouble(1), request.path("max_tokens").asInt(16),
                    request.path("seed").asLong(), top);
            ObjectNode choice = choices.addObject().put("index", choices.size() - 1)
                    .put("finish_reason", written.ended() ? "stop" : "length");
            if (chat) {
                choice.putObject("message").put("role", "assistant").put("content", written.text()).putNull("refusal");
                chatLogProbs(choice, written.logProbs());
            } else {
                choice.put("text", written.text());
                logProbs(choice, written.logProbs());
            }
            promptTokens += written.promptTokens();
            tokens += written.tokens();
        }
        reply.putObject("usage").put("prompt_tokens", promptTokens).put("completion_tokens", tokens)
                .put("total_tokens", promptTokens + tokens);
        return reply;
    }

    private static void logProbs(ObjectNode choice, List<StubModel.Token> tokens) {
        if (tokens.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logProbs = choice.putObject("logprobs");
        ArrayNode texts = logProbs.putArray("tokens");
        ArrayNode own = logProbs.putArray("token_logprobs");
        ArrayNode top = logProbs.putArray("top_logprobs");
        ArrayNode offsets = logProbs.putArray("text_offset");
        int at = 0;
        for (StubModel.Token token : tokens) {
            texts.add(token.text());
            own.add(token.logProb());
            ObjectNode most = top.addObject();
            token.top().forEach(most::put);
            offsets.add(at);
            at += token.text().length();
        }
    }

    private static void chatLogProbs(ObjectNode choice, List<StubModel.Token> tokens) {
        if (tokens.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logProbs = choice.putObject("logprobs").putNull("refusal");
        ArrayNode content = logProbs.putArray("content");
        for (StubModel.Token token : tokens) {
            ArrayNode top = named(content.addObject(), token.text(), token.logProb()).putArray("top_logprobs");
            token.top().forEach((text, logProb) -> named(top.addObject(), text, logProb));
        }
    }

    private static ObjectNode named(ObjectNode node, String text, double logProb) {
        node.put("token", text).put("logprob", logProb);
        ArrayNode bytes = node.putArray("bytes");
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        IntStream.range(0, utf8.length).forEach(i -> bytes.add(utf8[i] & 0xFF));
        return node;
    }

    /** Stops at once: requests in flight lose their connections, later ones are refused. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
