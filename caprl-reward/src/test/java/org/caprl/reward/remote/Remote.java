package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.PosedQuestion;

/** Remote answerers of tests, with short pauses. */
final class Remote {
    static final String CAPTION = "A red circle to the left of a green square.";
    static final List<PosedQuestion> QUESTIONS = List.of(
            new PosedQuestion("What colour is the circle?", List.of("red", "blue", "green", "yellow"), 0),
            new PosedQuestion("Is there a square?", List.of("no", "yes"), 1),
            new PosedQuestion("What is right of the circle?", List.of("a star", "a bar", "a square"), 2));
    static final List<CaptionQuestions> ASKED = List.of(new CaptionQuestions(CAPTION, QUESTIONS, 11),
            new CaptionQuestions("Nothing.", QUESTIONS.subList(1, 3), -12));

    private Remote() {
    }

    static RemoteAnswerer answerer(Wire wire, RemoteServer server, double temperature, int topLogProbs) {
        return new RemoteAnswerer(server, wire, AnswererPrompt.named("short"),
                new RemoteAnswerer.Sampling(temperature, 10, Seeds.INT64, topLogProbs));
    }

    static RemoteAnswerer chat(RemoteServer server) {
        return answerer(new ChatWire(ChatWire.Continuation.FLAGS), server, 1.0, 20);
    }

    /** A request has two seconds, three retries after 50, 100 and 200 ms. */
    static RemoteServer server(String... urls) {
        return server(ApiKey.NONE, 8, urls);
    }

    static RemoteServer server(ApiKey key, int maxInFlight, String... urls) {
        ObjectNode nothing = new JsonMapper().createObjectNode();
        return new RemoteServer(List.of(urls).stream().map(URI::create).toList(), OpenAiStub.MODEL, key, nothing, maxInFlight,
                Duration.ofSeconds(2), Duration.ofSeconds(1), 3, Duration.ofMillis(50));
    }

    static ApiKey key(String key) {
        return ApiKey.of(Optional.of("SECRET"), Map.of("SECRET", key));
    }
}
