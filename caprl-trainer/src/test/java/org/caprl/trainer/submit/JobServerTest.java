package org.caprl.trainer.submit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.caprl.core.InputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the user is told when what answers is not, or not well, the job server of a cluster. */
class JobServerTest {
    private static final String VERSION = "{\"version\": \"4\", \"ray_version\": \"2.60.0\"}";
    private static final JobPackage PACKAGE = JobPackage.of(new TreeMap<>(Map.of("a.txt", JobPackage.Content.of("a"))));

    private record Answer(int code, String body) {
    }

    private final Map<String, Answer> answers = new TreeMap<>(Map.of("GET /api/version", new Answer(200, VERSION)));
    private final List<String> asked = new ArrayList<>();
    private HttpServer http;
    private String address;

    @BeforeEach
    void serve() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", exchange -> {
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            asked.add(request);
            exchange.getRequestBody().readAllBytes();
            Answer answer = answers.getOrDefault(request, new Answer(404, "404: Not Found"));
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        address = "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @AfterEach
    void end() {
        http.stop(0);
    }

    private String refused(Runnable call) {
        return assertThrows(InputException.class, call::run).getMessage();
    }

    private JobServer server() {
        return JobServer.open(address, "2.60.0");
    }

    @Test
    void anAddressThatIsNoneIsShownAsOneShouldBe() {
        for (String wrong : List.of("127.0.0.1:8265", "ray://head:10001", "http://", "http://a b")) {
            assertTrue(refused(() -> JobServer.open(wrong, "2.60.0")).contains("expected http://HOST:PORT"), wrong);
        }
        assertEquals(address, JobServer.open(address + "/", "2.60.0").address());
    }

    @Test
    void nobodyThere() {
        http.stop(0);
        String message = refused(this::server);
        assertTrue(message.startsWith(address + "/api/version does not answer (") && message.contains("--dashboard-host"), message);
    }

    @Test
    void somethingElseAnswers() {
        answers.put("GET /api/version", new Answer(200, "<html>Welcome to nginx!</html>"));
        assertTrue(refused(this::server).contains("not the dashboard of a Ray cluster"));
        answers.remove("GET /api/version");
        assertTrue(refused(this::server).startsWith(address + "/api/version answers with code 404"));
    }

    @Test
    void olderVersionsAreRefusedAndNewerOnesAreNot() {
        answers.put("GET /api/version", new Answer(200, VERSION.replace("2.60.0", "2.9.3")));
        String message = refused(this::server);
        assertTrue(message.contains("runs Ray 2.9.3, which is too old") && message.contains("Ray 2.60.0"), message);
        answers.put("GET /api/version", new Answer(200, VERSION.replace("2.60.0", "2.100.0rc1")));
        server();
    }

    @Test
    void aClusterThatAsksForAToken() {
        answers.put("GET /api/version", new Answer(401, "Unauthorized"));
        assertTrue(refused(this::server).contains("RAY_AUTH_TOKEN"));
    }

    @Test
    void anUploadThatFailsSaysWhereAndWhy() {
        String path = "/api/packages/gcs/" + PACKAGE.file();
        answers.put("PUT " + path, new Answer(500,
                "Traceback (most recent call last):\n  File x\nRuntimeError: Failed to store package in the GCS.\n"));
        String message = refused(() -> server().upload(PACKAGE));
        assertTrue(message.contains(address + path + " answers with code 500: RuntimeError: Failed to store package in the GCS."), message);
        answers.put("PUT " + path, new Answer(413, ""));
        assertTrue(refused(() -> server().upload(PACKAGE)).contains("--installed"));
        answers.put("GET " + path, new Answer(500, "boom"));
        assertTrue(refused(() -> server().has(PACKAGE)).contains("code 500: boom"));
    }

    @Test
    void aJobThatIsNotThere() {
        JobServer server = server();
        for (Runnable call : List.<Runnable>of(() -> server.info("x"), () -> server.stop("x"))) {
            assertEquals("the cluster of " + address + " knows no job x; its dashboard lists those that it knows", refused(call));
        }
    }

    @Test
    void aSubmissionThatIsRefused() {
        answers.put("POST /api/jobs/", new Answer(400, "ValueError: Job with submission_id x already exists"));
        assertTrue(refused(() -> server().submit("x", "true", Map.of(), Map.of())).contains("submission_id x already exists"));
    }

    @Test
    void codesOfJobsThatDidNotRunToTheirEnd() {
        assertEquals(3, job("FAILED", null).code());
        assertEquals(143, job("STOPPED", null).code());
        assertEquals(0, job("SUCCEEDED", 0).code());
        assertEquals(2, job("FAILED", 2).code());
        assertEquals(137, job("FAILED", -9).code());
    }

    private static JobInfo job(String status, Integer code) {
        return new JobInfo("id", status, "true", null, null, 1L, null, code, null);
    }
}
