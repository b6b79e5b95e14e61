package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;

/**
 * A frozen language model behind an OpenAI-compatible endpoint.
 *
 * <p>Each question is a request of its own, with the seed of its own key: the prompts of one request share a seed, so an answer would
 * depend on what it was asked with. Servers batch what is in flight by themselves, and keep the prefix that questions on a caption share.
 *
 * <p>What could not be answered after all retries is a {@link Answer#failed failed} answer with the reason.
 */
public final class RemoteAnswerer implements Answerer, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final PosedQuestion CHECK = new PosedQuestion("What colour is the ball?", List.of("red", "blue"), 0);

    private final RemoteServer server;
    private final Wire wire;
    private final AnswererPrompt prompt;
    private final Sampling sampling;
    private final EndpointClient client;

    /**
     * How answers are drawn.
     *
     * @param temperature 0 for the most probable
     * @param maxTokens most tokens of an answer
     * @param seeds what is sent as the seed
     * @param topLogProbs tokens whose log-probabilities evaluations ask for; 0 for a server that gives none
     */
    public record Sampling(double temperature, int maxTokens, Seeds seeds, int topLogProbs) {
    }

    /** An answerer. @param wire is closed with it */
    public RemoteAnswerer(RemoteServer server, Wire wire, AnswererPrompt prompt, Sampling sampling) {
        this.server = server;
        this.wire = wire;
        this.prompt = prompt;
        this.sampling = sampling;
        this.client = new EndpointClient(server);
    }

    /**
     * Asks every URL one question, once and all at the same time.
     *
     * @param limit for each, at most the time-out of a request
     * @return a line a URL that could not be reached while another one answered
     * @throws InputException if none answers, or one refuses the request (a wrong key, model name or path): every such URL is named
     */
    public List<String> check(Duration limit) {
        String body = request("A red ball.", CHECK, 0, false).toString();
        Duration shorter = limit.compareTo(server.timeout()) < 0 ? limit : server.timeout();
        Map<URI, Future<Reply>> replies = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (URI url : server.urls()) {
                replies.put(url, threads.submit(() -> client.once(url, wire.path(), body, shorter)));
            }
        }
        List<String> problems = new ArrayList<>();
        boolean refused = false;
        for (Future<Reply> reply : replies.values()) {
            if (reply.resultNow() instanceof EndpointClient.Unreachable(String reason)) {
            }
        }
        return problems;
    }

    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        return each(captions, (asked, q) -> null);
    }

    @Override
    public void close() {
        client.close();
        wire.close();
    }
}
