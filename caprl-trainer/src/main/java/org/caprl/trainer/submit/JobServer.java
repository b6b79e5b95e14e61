package org.caprl.trainer.submit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/**
 * The job server of a Ray cluster, which answers at the address of its dashboard ({@code dashboard/modules/job/job_head.py}).
 *
 * <p>Every error names the URL and says what to do. A token of {@code RAY_AUTH_TOKEN}, or of {@code ~/.ray/auth_token}, is sent along.
 */
public final class JobServer {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration UPLOAD = Duration.ofMinutes(10);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;

    private final String address;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL).build();
    private final Optional<String> token = token();

    private JobServer(String address) {
        this.address = address;
    }

    /**
     * Looks whether a job server of this version of Ray or a newer one answers.
     *
     * @param address {@code http://HOST:8265}
     * @param least version of Ray, such as {@code 2.60.0}
     * @throws InputException if none does, saying what is there instead
     */
    public static JobServer open(String address, String least) {
        if (!address.matches("https?://[^/\\s]+/?")) {
            throw new InputException("'" + address + "' is no address of a job server; expected http://HOST:PORT, the address of Ray's "
                    + "dashboard, such as http://10.0.0.1:8265");
        }
        JobServer server = new JobServer(address.replaceAll("/$", ""));
        HttpResponse<String> answer = server.send(server.request("/api/version").GET());
        JsonNode version = null;
        try {
            version = answer.statusCode() == OK ? JSON.readTree(answer.body()).get("ray_version") : null;
        } catch (IOException e) {
            // Something else than JSON: no dashboard.
        }
        if (version == null) {
            throw new InputException(server.address + "/api/version answers with code " + answer.statusCode() + " and no version: "
                    + "this is not the dashboard of a Ray cluster. Its port is 8265 unless `ray start` was told another; the head's own "
                    + "port (6379) is not it");
        }
        if (older(version.asText(), least)) {
            throw new InputException("the cluster of " + server.address + " runs Ray " + version.asText() + ", which is too old: "
                    + "this version of CapRL needs Ray " + least + " (scripts/setup-ray.sh installs it on a node)");
        }
        return server;
    }

    private static boolean older(String version, String least) {
        int[] a = numbers(version);
        int[] b = numbers(least);
        return Arrays.compare(a, b) < 0;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[^0-9]+")).filter(s -> !s.isEmpty()).limit(3).mapToInt(Integer::parseInt).toArray();
    }

    private static Optional<String> token() {
        String given = System.getenv("RAY_AUTH_TOKEN");
        if (given != null && !given.isBlank()) {
            return Optional.of(given.strip());
        }
        String file = System.getenv("RAY_AUTH_TOKEN_PATH");
        Path path = file != null ? Path.of(file) : Path.of(System.getProperty("user.home"), ".ray", "auth_token");
        try {
            return Files.isRegularFile(path) ? Optional.of(Files.readString(path).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new InputException("cannot read the token of the cluster in " + path + " (" + e + ")", e);
        }
    }

    /** As it was given, without a slash at the end. */
    public String address() {
        return address;
    }

    /** Whether the cluster has a package; it keeps it for some minutes then. */
    boolean has(JobPackage files) {
        HttpResponse<String> answer = send(request("/api/packages/gcs/" + files.file()).GET());
        if (answer.statusCode() != OK && answer.statusCode() != NOT_FOUND) {
            throw refused("ask for the package " + files.file(), answer);
        }
        return answer.statusCode() == OK;
    }

    /** Sends a package. */
    void upload(JobPackage files) {
        String path = "/api/packages/gcs/" + files.file();
        HttpResponse<String> answer = send(request(path).timeout(UPLOAD).PUT(HttpRequest.BodyPublishers.ofByteArray(files.zipped())));
        if (answer.statusCode() == TOO_LARGE) {
            throw new InputException(String.format(Locale.ROOT, "%s%s refuses %.1f MB as too large: a proxy before the dashboard may allow "
                    + "less than Ray's 100 MiB; raise its limit, or install CapRL on the nodes and submit with --installed FOLDER", address,
                    path, files.bytes() / 1e6));
        }
        if (answer.statusCode() != OK) {
            throw refused("upload the package " + files.file(), answer);
        }
    }

    /** Starts a job; {@code id} must be new. */
    void submit(String id, String entrypoint, Map<String, Object> runtimeEnv, Map<String, String> metadata) {
        HttpResponse<String> answer = post("/api/jobs/",
                Map.of("submission_id", id, "entrypoint", entrypoint, "runtime_env", runtimeEnv, "metadata", metadata));
        if (answer.statusCode() != OK) {
            throw refused("submit the job " + id, answer);
        }
    }

    /** @throws InputException if there is no such job */
    public JobInfo info(String id) {
        HttpResponse<String> answer = send(request("/api/jobs/" + id).GET());
        requireKnown(id, answer);
        if (answer.statusCode() != OK) {
            throw refused("ask for the job " + id, answer);
        }
        try {
            return JSON.readValue(answer.body(), JobInfo.class);
        } catch (IOException e) {
            throw new RunStoppedException(address + "/api/jobs/" + id + " answers with something that is no job: " + e.getMessage(), e);
        }
    }

    /** Asks a job to stop; false if it had ended. */
    public boolean stop(String id) {
        HttpResponse<String> answer = post("/api/jobs/" + id + "/stop", Map.of());
        requireKnown(id, answer);
        if (answer.statusCode() != OK) {
            throw refused("stop the job " + id, answer);
        }
        try {
            return JSON.readTree(answer.body()).path("stopped").asBoolean();
        } catch (IOException e) {
            throw refused("stop the job " + id, answer);
        }
    }

    /**
     * Passes on the log of a job, from its beginning, until the server ends it or the connection breaks.
     *
     * @throws IOException if the connection breaks
     */
    void tail(String id, Consumer<CharSequence> log) throws IOException {
        CompletableFuture<Void> end = new CompletableFuture<>();
        WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(CONNECT);
        token.ifPresent(t -> builder.header("Authorization", "Bearer " + t));
        WebSocket socket = null;
        try {
            socket = builder.buildAsync(URI.create(address.replaceFirst("^http", "ws") + "/api/jobs/" + id + "/logs/tail"),
                            new Tail(log, end))
                    .get(ANSWER.toSeconds(), TimeUnit.SECONDS);
            end.get();
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while following the job " + id, e);
        } finally {
            if (socket != null) {
                socket.abort();
            }
        }
    }

    /** The parts of a message as they come. */
    private record Tail(Consumer<CharSequence> log, CompletableFuture<Void> end) implements WebSocket.Listener {
        private static final int ABNORMAL = 1006;

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            log.accept(data);
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            if (code == ABNORMAL) {
                end.completeExceptionally(new IOException("closed abnormally"));
            } else {
                end.complete(null);
            }
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end.completeExceptionally(error);
        }
    }

    private void requireKnown(String id, HttpResponse<String> answer) {
        if (answer.statusCode() == NOT_FOUND) {
            throw new InputException("the cluster of " + address + " knows no job " + id + "; its dashboard lists those that it knows");
        }
    }

    private HttpResponse<String> post(String path, Map<String, Object> body) {
        try {
            return send(request(path).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(address + path)).timeout(ANSWER);
        token.ifPresent(t -> builder.header("Authorization", "Bearer " + t));
        return builder;
    }

    private HttpResponse<String> send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        HttpResponse<String> answer;
        try {
            answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Unreachable(request.uri() + " does not answer ("
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                    + "): is it the dashboard of a running Ray cluster (port 8265, or as `ray start --dashboard-port` was told), "
                    + "and does it listen for other machines (`--dashboard-host=0.0.0.0`)?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while waiting for " + request.uri(), e);
        }
        if (answer.statusCode() == UNAUTHORIZED || answer.statusCode() == FORBIDDEN) {
            throw new InputException(request.uri() + " refuses with code " + answer.statusCode() + ": the cluster asks for a token"
                    + (token.isPresent() ? ", and the one of RAY_AUTH_TOKEN or ~/.ray/auth_token is not it" : "; set RAY_AUTH_TOKEN"));
        }
        return answer;
    }

    /** Nobody answered at all: while a job is followed, that may pass. */
    static final class Unreachable extends InputException {
        private static final long serialVersionUID = 1;

        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private InputException refused(String what, HttpResponse<String> answer) {
        String body = answer.body().strip();
        String last = body.substring(body.lastIndexOf('\n') + 1);
        return new InputException("could not " + what + ": " + answer.uri() + " answers with code " + answer.statusCode()
                + (last.isEmpty() ? "" : ": " + last)
                + "; the dashboard's log on the head node says more (logs/dashboard*.log of the session)");
    }
}
