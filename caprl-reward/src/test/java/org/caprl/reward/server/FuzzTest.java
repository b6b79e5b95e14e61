package org.caprl.reward.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent: a 4xx that says why, and a server that answers the next request. */
class FuzzTest {
    private static final String QUESTION = "[\"What colour?\\n   - A) red\\n   - B) blue\", \"A\"]";
    private static final String GET_REWARD = "{\"prompts\": [[\"red\", [" + QUESTION + "]]], \"query\": [], \"labels\": []}";
    private static final String SCORE = "{\"groups\": [{\"seed\": 1, \"step\": 2, \"sample\": \"s\", \"questions\": [" + QUESTION
            + "], \"captions\": [{\"index\": 0, \"text\": \"red\"}]}]}";
    private static final String LETTERS = "{\"captions\": [{\"text\": \"red\", \"questions\": [" + QUESTION + "]}]}";

    private Wire wire;

    @BeforeEach
    void start() {
        RewardServer server = RewardServer.listen(Settings.free());
        server.serve(new LiteralAnswerer(), new AnswererInfo("literal", "short", 0.6, 10));
        wire = Wire.to(server);
    }

    @AfterEach
    void stop() {
        requireAlive();
        wire.close();
    }

    private void requireAlive() {
        assertEquals("{\"rewards\":[1.0],\"qa_rewards\":[1.0]}", wire.post("/get_reward", GET_REWARD).body());
    }

    private static String valid(String path) {
        return switch (path) {
            case "/get_reward" -> GET_REWARD;
            case "/v1/score" -> SCORE;
            default -> LETTERS;
        };
    }

    private static void requireRefused(Wire.Answer answer, String sent) {
        assertTrue(answer.status() >= 400 && answer.status() < 500, () -> answer.status() + " " + answer.body() + " to " + sent);
        assertFalse(answer.message().isBlank(), answer.body());
        assertFalse(answer.json().at("/error/request_id").asText().isBlank(), answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/get_reward", "/v1/score", "/v1/letters"})
    void everyBeginningOfABodyIsRefused(String path) {
        String body = valid(path);
        assertEquals(200, wire.post(path, body).status());
        for (int length = 0; length < body.length(); length++) {
            Wire.Answer answer = wire.post(path, body.substring(0, length));
            assertEquals(400, answer.status(), body.substring(0, length));
            requireRefused(answer, body.substring(0, length));
            assertTrue(answer.path().startsWith("$"), answer.body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/get_reward", "/v1/score", "/v1/letters"})
    void everyValueOfAWrongTypeIsRefusedAtItsPlace(String path) throws IOException {
        JsonNode whole = Wire.JSON.readTree(valid(path));
        List<String> places = new ArrayList<>();
        places(whole, "", places);
        int refused = 0;
        for (String place : places) {
            for (String wrong : List.of("true", "-1.5", "[]", "{}", "null", "\"\"", "[[]]", "{\"a\": 1}", "1e400",
                    "123456789012345678901234567890")) {
                JsonNode mutated = replaced(whole, place, Wire.JSON.readTree(wrong));
                Wire.Answer answer = wire.post(path, mutated.toString());
                assertTrue(answer.status() == 200 || answer.status() >= 400 && answer.status() < 500,
                        () -> answer.status() + " " + answer.body() + " to " + mutated);
                if (answer.status() != 200) {
                    requireRefused(answer, mutated.toString());
                    assertTrue(answer.path().startsWith("$"), answer.body());
                    refused++;
                }
            }
        }
        assertTrue(refused > places.size() * 5, refused + " of " + places.size() * 10);
    }

    private static void places(JsonNode node, String at, List<String> places) {
        places.add(at);
        node.properties().forEach(member -> places(member.getValue(), at + "/" + member.getKey(), places));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            places(node.get(i), at + "/" + i, places);
        }
    }

    private static JsonNode replaced(JsonNode whole, String place, JsonNode value) {
        if (place.isEmpty()) {
            return value;
        }
        JsonNode copy = whole.deepCopy();
        int cut = place.lastIndexOf('/');
        JsonNode parent = copy.at(place.substring(0, cut));
        String last = place.substring(cut + 1);
        if (parent instanceof ObjectNode object) {
            object.set(last, value);
        } else {
            ((ArrayNode) parent).set(Integer.parseInt(last), value);
        }
        return copy;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | $ | 'prompts' is missing",
        "[] | $ | expected an object",
        "{\"prompts\": {}} | $.prompts | expected an array, got an object",
        "{\"prompts\": [\"red\"]} | $.prompts[0] | expected the array [caption, questions]",
        "{\"prompts\": [[1, []]]} | $.prompts[0][0] | expected a string, got the number 1",
        "{\"prompts\": [[\"red\", []]]} | $.prompts[0][1] | at least one question",
        "{\"prompts\": [[\"red\", [[\"Q?\\n - A) a\\n - B) b\", 3]]]]} | $.prompts[0][1][0][1] | expected a string",
        "{\"prompts\": [[\"red\", [[\"Q?\", \"A\"]]]]} | $.prompts[0][1][0] | has no choices",
        "{\"prompts\": [[\"red\", [[\"Q?\\n - A) a\\n - B) b\", \"cc\"]]]]} | $.prompts[0][1][0] | has no right answer",
        "{\"prompts\": [[\"red \\ud800 blue\", []]]} | $.prompts[0][0] | half of a surrogate pair",
        "{\"prompts\": [], \"prompts\": []} | $ | uplicate",
        "{\"prompts\": [NaN]} | $.prompts | not JSON",
        "{\"prompts\": []} x | $ | not JSON",
        "{\"prompts\": []} {} | $ | something follows"})
    void theReasonNamesThePlace(String body, String path, String reason) {
        Wire.Answer answer = wire.post("/get_reward", body);
        requireRefused(answer, body);
        assertEquals(path, answer.path().substring(0, Math.min(path.length(), answer.path().length())), answer.body());
        assertTrue(answer.message().contains(reason), answer.body());
    }

    @Test
    void unknownNamesOfTheRicherFormAreRefused() {
        Wire.Answer answer = wire.post("/v1/score", SCORE.replace("\"captions\"", "\"capitons\""));
        assertEquals("$.groups[0]", answer.path());
        assertTrue(answer.message().contains("'capitons'") && answer.message().contains("captions"), answer.message());
    }

    @Test
    void deepNestingIsRefused() {
        for (int depth : new int[] {17, 1000, 100_000}) {
            for (String deep : List.of("[".repeat(depth) + "]".repeat(depth), "{\"a\":".repeat(depth) + "1" + "}".repeat(depth),
                    "[".repeat(depth))) {
                Wire.Answer answer = wire.post("/get_reward", "{\"prompts\": " + deep + "}");
                requireRefused(answer, "depth " + depth);
                assertTrue(answer.message().contains("nesting depth"), answer.message());
            }
        }
    }

    @Test
    void whatIsTooLongIsRefused() {
        String ten = "red ".repeat(10 << 18);
        Wire.Answer large = wire.post("/get_reward", GET_REWARD.replace("\"red\"", "\"" + ten + "\""));
        assertEquals(413, large.status());
        requireRefused(large, "10 MB");
        Wire.Answer caption = wire.post("/get_reward", GET_REWARD.replace("\"red\"", "\"" + ten.substring(0, 20_001) + "\""));
        assertEquals(413, caption.status());
        assertEquals("$.prompts[0][0]", caption.path());
        requireRefused(wire.post("/v1/score", SCORE.replace("1,", "1" + "0".repeat(100_000) + ",")), "a long number");
        requireRefused(wire.post("/v1/score", "{\"" + "x".repeat(100_000) + "\": 1}"), "a long name");
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        byte[] body = GET_REWARD.getBytes(StandardCharsets.UTF_8);
        int at = GET_REWARD.indexOf("red");
        for (byte[] bad : new byte[][] {{(byte) 0xFF}, {(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF8}, {(byte) 0xE2, (byte) 0x82}}) {
            byte[] sent = body.clone();
            System.arraycopy(bad, 0, sent, at, bad.length);
            Wire.Answer answer = wire.post("/get_reward", sent);
            assertEquals(400, answer.status());
            assertTrue(answer.message().contains("not UTF-8: byte " + at), answer.message());
        }
        requireRefused(wire.post("/get_reward", GET_REWARD.getBytes(StandardCharsets.UTF_16)), "UTF-16");
    }

    @Test
    void randomBytesAreRefused() {
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] body = new byte[random.nextInt(2000)];
            random.nextBytes(body);
            requireRefused(wire.post("/get_reward", body), Arrays.toString(body));
        }
    }

    @Test
    void aBodyWithBytesChangedIsAnsweredOrRefused() {
        Random random = new Random(6);
        for (String path : List.of("/get_reward", "/v1/score", "/v1/letters")) {
            byte[] body = valid(path).getBytes(StandardCharsets.UTF_8);
            int refused = 0;
            for (int i = 0; i < 300; i++) {
                byte[] mutated = body.clone();
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    mutated[random.nextInt(mutated.length)] = (byte) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(256));
                }
                Wire.Answer answer = wire.post(path, mutated);
                if (answer.status() != 200) {
                    requireRefused(answer, new String(mutated, StandardCharsets.ISO_8859_1));
                    refused++;
                }
            }
            assertTrue(refused > 100, path + ": " + refused);
        }
    }

    @Test
    void bytesThatAreNotHttpHoldNothingUp() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            try (Socket socket = new Socket("127.0.0.1", wire.server().port())) {
                byte[] sent = new byte[1 + random.nextInt(500)];
                random.nextBytes(sent);
                socket.getOutputStream().write(i % 2 == 0 ? sent : ("POST /get_reward HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"
                        + new String(sent, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
                drain(socket.getInputStream());
            }
        }
    }

    @Test
    void aBodyInChunksIsLimitedToo() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", wire.server().port())) {
            OutputStream out = socket.getOutputStream();
            out.write("POST /get_reward HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 40; i++) {
                out.write(chunk);
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertTrue(drain(socket.getInputStream()).startsWith("HTTP/1.1 413"));
        }
    }

    private static String drain(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // cut off: as good an answer to no HTTP
        }
    }
}
