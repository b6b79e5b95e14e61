package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
    /** Half of all keys are negative, and a server that takes none should say so now. */
    private static final long CHECK_KEY = -(1L << 62);

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
     * Asks every URL one question, all at the same time and once: with a seed, and for log-probabilities, as rewards and evaluations will.
     *
     * @param limit for each, if it is less than the time-out of a request
     * @return a line for each URL that could not be reached while another one answered
     * @throws InputException if none answers, or one refuses the request (key, model name or path are wrong): every such URL is named
     */
    public List<String> check(Duration limit) {
        String body = request("A red ball.", CHECK, request -> {
            drawn(request, CHECK_KEY);
            wantLogProbs(request);
        });
        Duration shorter = limit.compareTo(server.timeout()) < 0 ? limit : server.timeout();
        List<Asked> replies = Parallel.results(server.urls().stream()
                .map(url -> (Callable<Asked>) () -> asked(client.once(url, wire.path(), body, shorter))).toList());
        List<String> unreached = replies.stream().filter(Asked::passing).map(Asked::problem).toList();
        List<String> refused = replies.stream().filter(r -> !r.passing() && !r.problem().isEmpty()).map(Asked::problem).toList();
        if (!refused.isEmpty() || unreached.size() == replies.size()) {
            List<String> all = Stream.concat(refused.stream(), unreached.stream()).toList();
            throw new InputException("the answerer of answerer.remote, '" + server.model() + "', "
                    + (refused.isEmpty() ? "can't be reached; start its server, or correct urls" : "refuses; correct the keys there")
                    + ":\n  " + String.join("\n  ", all));
        }
        return unreached.stream().map(problem -> "an answerer's URL does not answer; others are asked, and later it again: " + problem)
                .toList();
    }

    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        return each(captions, (caption, q, outage) -> {
            long key = CounterRandom.with(caption.key(), q);
            Asked asked = ask(caption.caption(), caption.questions().get(q), request -> drawn(request, key), outage);
            return asked.problem().isEmpty() ? Answer.of(asked.text()) : Answer.failed(asked.problem());
        });
    }

    /** See {@link RemoteLetters} for what a server tells of them. */
    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        return each(captions, (caption, q, outage) -> {
            PosedQuestion posed = caption.questions().get(q);
            Asked asked = ask(caption.caption(), posed, this::mostProbable, outage);
            if (!asked.problem().isEmpty()) {
                return LetterLogProbs.failed(asked.problem());
            }
            return RemoteLetters.of(wire.firstTokens(asked.choice()), asked.text(), posed);
        });
    }

    private void drawn(ObjectNode request, long key) {
        request.put("temperature", sampling.temperature()).put("top_p", 1);
        sampling.seeds().of(key).ifPresent(seed -> request.put("seed", seed));
    }

    private void mostProbable(ObjectNode request) {
        request.put("temperature", 0).put("top_p", 1);
        wantLogProbs(request);
    }

    private void wantLogProbs(ObjectNode request) {
        if (sampling.topLogProbs() > 0) {
            wire.wantLogProbs(request, sampling.topLogProbs());
        }
    }

    /** @param problem empty if it was answered; @param passing a later try might be answered */
    private record Asked(String text, JsonNode choice, String problem, boolean passing) {
    }

    private Asked ask(String caption, PosedQuestion posed, Consumer<ObjectNode> manner, Outage outage) {
        return asked(client.post(wire.path(), () -> request(caption, posed, manner), outage));
    }

    private String request(String caption, PosedQuestion posed, Consumer<ObjectNode> manner) {
        ObjectNode request = JSON.createObjectNode().put("model", server.model());
        wire.ask(request, prompt.userTurn(caption, posed));
        request.put("max_tokens", sampling.maxTokens());
        manner.accept(request);
        server.extraBody().properties().forEach(extra -> {
            if (extra.getValue().isNull()) {
                request.remove(extra.getKey());
            } else {
                request.set(extra.getKey(), extra.getValue());
            }
        });
        return request.toString();
    }

    private Asked asked(Reply reply) {
        return switch (reply) {
            case Reply.Failed(String reason, boolean passing) -> new Asked("", null, reason, passing);
            case Reply.Answered(URI url, JsonNode body) -> {
                JsonNode choice = body.path("choices").path(0);
                yield wire.text(choice).map(text -> new Asked(text, choice, "", false))
                        .orElseGet(() -> new Asked("", null, url + ": its answer has no text in choices[0], finish_reason "
                                + choice.path("finish_reason").asText("missing") + (reasons(choice)
                                ? "; the model reasons, and its tokens were used up by that" : ""), false));
            }
        };
    }

    /** vLLM and SGLang put what a model thinks aside under one of these names. */
    private static boolean reasons(JsonNode choice) {
        return Stream.of("reasoning", "reasoning_content").anyMatch(key -> choice.path("message").path(key).isTextual());
    }

    /** What is made of one question of a caption. */
    private interface Question<T> {
        T of(CaptionQuestions caption, int q, Outage outage);
    }

    private static <T> List<List<T>> each(List<CaptionQuestions> captions, Question<T> question) {
        Outage outage = new Outage();
        List<Callable<T>> tasks = new ArrayList<>();
        for (CaptionQuestions caption : captions) {
            for (int q = 0; q < caption.questions().size(); q++) {
                int number = q;
                tasks.add(() -> question.of(caption, number, outage));
            }
        }
        Iterator<T> found = Parallel.results(tasks).iterator();
        return captions.stream().map(caption -> caption.questions().stream().map(_ -> found.next()).toList()).toList();
    }

    @Override
    public void close() {
        client.close();
        wire.close();
    }
}
