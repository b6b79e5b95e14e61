package org.caprl.reward.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.caprl.core.data.QaItem;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.MarkedQuestion;
import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.ProbabilityMarking;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.qa.SampledMarking;
import org.caprl.reward.qa.Unmatched;
import org.caprl.reward.qa.WeighedQuestion;

/**
 * The form of {@code POST /v1/score}, for both sides; {@code schema.json} describes it. The draws are those of a run in which the same
 * caption index of the same sample is scored in the same step under the same seed.
 */
public final class ScoreForm {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> MEMBERS = Set.of("questions_per_caption", "unmatched", "marking", "wrong_penalty", "expect",
            "groups");
    private static final Set<String> EXPECTED = Set.of("temperature", "max_tokens");
    private static final Set<String> GROUP = Set.of("key", "seed", "step", "sample", "questions", "captions");
    private static final Set<String> CAPTION = Set.of("index", "text");

    private static final Map<String, Unmatched> UNMATCHED = Map.of("keep", Unmatched.KEEP, "drop", Unmatched.DROP);
    private static final String ANSWER = "answer";
    private static final String PROBABILITY = "probability";

    private ScoreForm() {
    }

    /**
     * How captions are to be examined, and what is expected of the server.
     *
     * @param paper how questions are drawn
     * @param marking how answers are marked
     * @param wrongPenalty what a share of wrong answers costs
     * @param temperature of the answers
     * @param maxTokens of an answer
     */
    public record Wanted(QuestionPaper paper, Marking marking, double wrongPenalty, double temperature, int maxTokens) {
        /** The published reward. @param questions drawn for a caption; 0 for each once */
        public static Wanted published(int questions, double temperature, int maxTokens) {
            return new Wanted(new QuestionPaper(questions), new SampledMarking(), 0, temperature, maxTokens);
        }
    }

    /**
     * A request as it was read.
     *
     * @param groups a list a group, an item a caption
     */
    record Request(Wanted wanted, List<List<GroupToScore>> groups) {
    }

    /**
     * Reads a request.
     *
     * @param info what the sender's expectations are held against
     * @param questions where the request does not say
     * @param maxCaption most characters of a caption
     */
    static Request read(JsonPlace body, AnswererInfo info, int questions, int maxCaption) {
        body.only(MEMBERS);
        body.optional("expect").ifPresent(expected -> requireSame(expected, info));
        int drawn = body.optional("questions_per_caption").map(place -> place.whole(0, ServerSettings.MOST_QUESTIONS)).orElse(questions);
        Unmatched unmatched = body.optional("unmatched").map(place -> place.choice(UNMATCHED)).orElse(Unmatched.KEEP);
        Marking marking = body.optional("marking").map(place -> place.choice(Map.of(ANSWER, new SampledMarking(),
                PROBABILITY, new ProbabilityMarking(info.temperature())))).orElseGet(SampledMarking::new);
        double penalty = body.optional("wrong_penalty").map(JsonPlace::notNegative).orElse(0.0);
        List<List<GroupToScore>> groups = new ArrayList<>();
        for (JsonPlace group : body.member("groups").items()) {
            groups.add(group(group, maxCaption));
        }
        Wanted wanted = new Wanted(new QuestionPaper(drawn, unmatched), marking, penalty, info.temperature(), info.maxTokens());
        return new Request(wanted, groups);
    }

    private static void requireSame(JsonPlace expected, AnswererInfo info) {
        expected.only(EXPECTED);
        expected.optional("temperature").ifPresent(place -> {
            if (!place.node().isNumber() || place.node().doubleValue() != info.temperature()) {
                throw place.wrong("the answerer's temperature " + info.temperature() + ", which the server was started with");
            }
        });
        expected.optional("max_tokens").ifPresent(place -> {
            if (!place.isWholeNumber() || place.node().longValue() != info.maxTokens()) {
                throw place.wrong("the most tokens of an answer, " + info.maxTokens() + ", which the server was started with");
            }
        });
    }

    private static List<GroupToScore> group(JsonPlace place, int maxCaption) {
        place.only(GROUP);
        String sample = place.member("sample").text();
        Optional<JsonPlace> given = place.optional("key");
        long key = given.isPresent() ? given.get().whole()
                : GroupToScore.key(place.member("seed").whole(), place.member("step").whole(), sample);
        List<QaItem> questions = QuestionForm.list(place.member("questions"));
        List<GroupToScore> captions = new ArrayList<>();
        for (JsonPlace caption : place.member("captions").items()) {
            caption.only(CAPTION);
            captions.add(Asked.caption(sample, questions, caption.member("text").text(maxCaption), key,
                    caption.member("index").whole(0, Integer.MAX_VALUE)));
        }
        return captions;
    }

    /** A request for these groups; for none it asks whether the server is what is expected. */
    static ObjectNode request(Wanted wanted, GroupToScore... groups) {
        ObjectNode body = JSON.createObjectNode().put("questions_per_caption", wanted.paper().questions())
                .put("unmatched", wanted.paper().unmatched() == Unmatched.KEEP ? "keep" : "drop")
                .put("marking", wanted.marking() instanceof ProbabilityMarking ? PROBABILITY : ANSWER)
                .put("wrong_penalty", wanted.wrongPenalty());
        body.putObject("expect").put("temperature", wanted.temperature()).put("max_tokens", wanted.maxTokens());
        ArrayNode nodes = body.putArray("groups");
        for (GroupToScore group : groups) {
            // The key as a string: 64 bits are more than some JSON libraries keep.
            ObjectNode node = nodes.addObject().put("key", Long.toString(group.key())).put("sample", group.sample().id());
            ArrayNode questions = node.putArray("questions");
            group.sample().questions().forEach(item -> QuestionForm.exact(questions.addObject(), item));
            ArrayNode captions = node.putArray("captions");
            for (int i = 0; i < group.captions().size(); i++) {
                captions.addObject().put("index", group.first() + i).put("text", group.captions().get(i).text());
            }
        }
        return body;
    }

    /** The answer. @param scores of all captions, in order */
    static ObjectNode write(Request request, List<Score> scores) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode groups = answer.putArray("groups");
        int at = 0;
        for (List<GroupToScore> group : request.groups()) {
            ArrayNode captions = groups.addObject().putArray("captions");
            for (GroupToScore caption : group) {
                Score score = scores.get(at++);
                ObjectNode node = captions.addObject().put("index", caption.first());
                if (score.unscored().isPresent()) {
                    node.putNull("reward").put("unscored", score.unscored().get());
                } else {
                    node.put("reward", score.value());
                }
                ArrayNode questions = node.putArray("questions");
                score.details().forEach(detail -> questions.add((JsonNode) JSON.valueToTree(detail)));
            }
        }
        return answer;
    }

    /**
     * The scores of the only group of an answer.
     *
     * @throws IllegalArgumentException if it is not the answer to a request for this group
     */
    static List<Score> scores(JsonNode answer, GroupToScore group) {
        JsonNode captions = answer.at("/groups/0/captions");
        if (captions.size() != group.captions().size()) {
            throw new IllegalArgumentException("scores of " + captions.size() + " captions for " + group.captions().size());
        }
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < captions.size(); i++) {
            JsonNode caption = captions.get(i);
            JsonNode reward = caption.path("reward");
            if (caption.path("index").asInt(-1) != group.first() + i || !reward.isNumber() && !caption.path("unscored").isTextual()) {
                throw new IllegalArgumentException("caption " + i + " has no score: " + caption);
            }
            scores.add(reward.isNumber() ? new Score(reward.doubleValue(), Optional.empty(), details(caption))
                    : Score.unscored(caption.path("unscored").textValue()));
        }
        return scores;
    }

    private static List<Record> details(JsonNode caption) {
        List<Record> details = new ArrayList<>();
        try {
            for (JsonNode question : caption.path("questions")) {
                Class<? extends Record> form = question.has("probabilities") ? WeighedQuestion.class : MarkedQuestion.class;
                details.add(JSON.treeToValue(question, form));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a marked question that is none: " + e.getOriginalMessage(), e);
        }
        return details;
    }
}
