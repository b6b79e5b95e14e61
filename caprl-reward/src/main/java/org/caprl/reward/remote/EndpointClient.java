package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.caprl.core.RunStoppedException;

/**
 * Sends a request until it is answered: to the {@link Endpoints endpoint} with the least to do, and again after a connection that failed,
 * a time-out, and the statuses 408, 429 and 5xx. Other statuses are answers that no retry changes.
 *
 * <p>A repeated request is the same request with the same seed, so an answer that was lost on its way is lost only once. Safe for use by
 * many threads, which should be virtual: each waits for its answer.
 */
public final class EndpointClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(2);
    /** The marked questions of a group of captions may be some megabytes; an answer of some tokens is much less. */
    private static final long LONGEST_BODY = 64 << 20;
    private static final int LONGEST_MESSAGE = 500;

    private final RemoteServer server;
    private final HttpClient http;
    private final Endpoints endpoints;
    private final Semaphore inFlight;

    /** A client; nothing is sent yet. */
    public EndpointClient(RemoteServer server) {
        this.server = server;
        // HTTP/1.1: the servers' common one does not speak HTTP/2, and an upgrade is offered with every request.
        this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(server.connectTimeout()).build();
        this.endpoints = new Endpoints(server.urls(), server.backoff(), System::nanoTime);
        this.inFlight = new Semaphore(server.maxInFlight());
    }

    /**
     * Posts until there is an answer or no try is left.
     *
     * @param path below the base URL
     * @param body JSON; made when it is this request's turn, so that only so many are held as are in flight
     */
    public Reply post(String path, Supplier<String> body, Outage outage) {
        inFlight.acquireUninterruptibly();
        try {
            return outage.reason().<Reply>map(why -> new Reply.Failed(why, true)).orElseGet(() -> tries(path, body.get(), outage));
        } finally {
            inFlight.release();
        }
    }

    private Reply tries(String path, String body, Outage outage) {
        long began = System.nanoTime();
        String reason = "";
        Endpoints.Endpoint endpoint = null;
        for (int retry = 0; retry <= server.retries(); retry++) {
            if (retry > 0) {
                pause(retry);
                if (outage.reason().isPresent()) {
                    return new Reply.Failed(outage.reason().get(), true);
                }
            }
            endpoint = endpoints.take(endpoint);
            Attempt attempt = attempt(endpoint.url, path, body, server.timeout());
            if (attempt.reply().isPresent()) {
                endpoints.answered(endpoint);
                return attempt.reply().get();
            }
            endpoints.failed(endpoint, attempt.retryAfter());
            reason = attempt.problem();
        }
        String all = reason + " (the last of " + (server.retries() + 1) + " tries)";
        if (!endpoints.answeredSince(began)) {
            outage.declare(all);
        }
        return new Reply.Failed(all, true);
    }

    /** One try at one URL, for a check before a run. */
    public Reply once(URI url, String path, String body, Duration limit) {
        Attempt attempt = attempt(url, path, body, limit);
        return attempt.reply().orElseGet(() -> new Reply.Failed(attempt.problem(), true));
    }

    /** @param reply if no retry would change it; @param problem why not, otherwise */
    private record Attempt(Optional<Reply> reply, String problem, Optional<Duration> retryAfter) {
        static Attempt of(Reply reply) {
            return new Attempt(Optional.of(reply), "", Optional.empty());
        }

        static Attempt again(String problem, Optional<Duration> retryAfter) {
            return new Attempt(Optional.empty(), problem, retryAfter);
        }
    }

    private Attempt attempt(URI base, String path, String body, Duration limit) {
        URI url = URI.create(base + "/" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Content-Type", "application/json")
                .header("Accept", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        server.key().authorize(request);
        // The client's own time-out ends with the headers; this one holds to the last byte.
        CompletableFuture<HttpResponse<byte[]>> sent = http.sendAsync(request.build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_BODY));
        try {
            HttpResponse<byte[]> response = sent.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return read(url, response);
        } catch (TimeoutException e) {
            sent.cancel(true);
            return Attempt.again(url + ": no answer within " + seconds(limit), Optional.empty());
        } catch (ExecutionException e) {
            return Attempt.again(url + ": " + shown(e.getCause()), Optional.empty());
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while waiting for " + url, e);
        }
    }

    private Attempt read(URI url, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return Attempt.of(json(url, response.body()));
        }
        String problem = url + ": status " + status + ": " + message(response.body());
        boolean passes = status == 408 || status == 429 || status >= 500;
        return passes ? Attempt.again(problem, retryAfter(response.headers())) : Attempt.of(new Reply.Failed(problem, false));
    }

    private Reply json(URI url, byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json != null && json.isObject()) {
                return new Reply.Answered(url, json);
            }
            return new Reply.Failed(url + ": its answer is no JSON object: " + shortened(body), false);
        } catch (IOException e) {
            return new Reply.Failed(url + ": its answer is not JSON: " + shortened(body), false);
        }
    }

    /** The message of an error in OpenAI's form or in that of FastAPI, or else the body as it is. */
    private String message(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            for (String place : new String[] {"/error/message", "/message", "/detail", "/error"}) {
                JsonNode found = json == null ? null : json.at(place);
                if (found != null && found.isTextual()) {
                    return shortened(found.textValue().getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            // Not JSON: shown as text.
        }
        return body.length == 0 ? "no message" : shortened(body);
    }

    private String shortened(byte[] body) {
        // Struck out before it is cut: a cut key would not be found.
        String text = server.key().mask(new String(body, StandardCharsets.UTF_8)).replaceAll("\\s+", " ").strip();
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + " …";
    }

    private String shown(Throwable cause) {
        return switch (cause) {
            case HttpConnectTimeoutException _ -> "no connection within " + seconds(server.connectTimeout());
            case ConnectException e -> e.getCause() instanceof UnresolvedAddressException ? "unknown host"
                    : "no connection; is a server running there?";
            default -> cause.getClass().getSimpleName() + (cause.getMessage() == null ? "" : ": " + server.key().mask(cause.getMessage()));
        };
    }

    private static String seconds(Duration limit) {
        return limit.toMillis() / 1000.0 + " s";
    }

    /** Seconds or a date (RFC 9110, 10.2.3), at most {@link #LONGEST_RETRY_AFTER}; what is neither is no wish. */
    private static Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After").map(String::strip).flatMap(value -> {
            try {
                Duration wished = value.chars().allMatch(Character::isDigit) && !value.isEmpty() && value.length() < 10
                        ? Duration.ofSeconds(Long.parseLong(value))
                        : Duration.between(Instant.now(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
                return wished.isNegative() ? Optional.<Duration>empty()
                        : Optional.of(wished.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wished);
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }

    /** The first retry goes at once to another URL that is ready; else the backoff with jitter, and not before a URL's rest is over. */
    private void pause(int retry) {
        if (retry == 1 && endpoints.anyReady()) {
            return;
        }
        double doubled = Math.min(LONGEST_BACKOFF.toNanos(), server.backoff().toNanos() * Math.pow(2, retry - 1));
        long jittered = (long) (doubled * ThreadLocalRandom.current().nextDouble(0.75, 1.25));
        try {
            TimeUnit.NANOSECONDS.sleep(Math.max(jittered, endpoints.untilRested().toNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while waiting for an answerer's URL to come back", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
