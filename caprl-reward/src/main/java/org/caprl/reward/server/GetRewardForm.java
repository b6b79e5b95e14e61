package org.caprl.reward.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.data.QaItem;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;

/**
 * The form of {@code POST /get_reward}, as the published trainers send and expect it:
 *
 * <pre>{@code
 * {"prompts": [["A red circle.", [["What colour?\n   - A) red\n   - B) blue", "A"]]]], "query": [], "labels": []}
 * {"rewards": [1.0], "qa_rewards": [1.0]}
 * }</pre>
 *
 * <p>The request has no seed. A caption's draws are keyed by the server's seed, by caption and questions, and by how many equal prompts
 * came before in the request: a request that is repeated gets the same rewards, and equal captions do not all get the same questions.
 */
final class GetRewardForm {
    private static final long KEY = CounterRandom.hash("get_reward");

    private final long seed;
    private final int maxCaption;

    /** @param maxCaption most characters of a caption */
    GetRewardForm(long seed, int maxCaption) {
        this.seed = seed;
        this.maxCaption = maxCaption;
    }

    /** A caption an item, in the order of {@code prompts}; other members are not looked at. */
    List<GroupToScore> read(JsonPlace body) {
        List<GroupToScore> asked = new ArrayList<>();
        Map<Long, Integer> seen = new HashMap<>();
        for (JsonPlace prompt : body.member("prompts").items()) {
            List<JsonPlace> pair = prompt.pair("[caption, questions]");
            String caption = pair.getFirst().text(maxCaption);
            List<QaItem> questions = QuestionForm.list(pair.getLast());
            long content = CounterRandom.hash(pair.getLast().node().toString());
            long key = CounterRandom.key(seed, KEY, CounterRandom.hash(caption), content);
            asked.add(Asked.caption(prompt.path(), questions, caption, key, seen.merge(key, 1, Integer::sum) - 1));
        }
        return asked;
    }

    /**
     * The answer.
     *
     * @param asked what was read
     * @param qa scores, in that order
     * @param format scores in that order, with a weight that is not 0; or null
     * @param weight of {@code format}
     * @param instead of a score that is not there
     * @throws RequestFault if a score is not there and nothing is to stand for it
     */
    static ObjectNode write(List<GroupToScore> asked, List<Score> qa, List<Score> format, double weight, Optional<Double> instead) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode rewards = answer.putArray("rewards");
        ArrayNode qaRewards = answer.putArray("qa_rewards");
        ArrayNode formatRewards = format == null ? null : answer.putArray("format_rewards");
        for (int i = 0; i < qa.size(); i++) {
            double right = value(asked.get(i), qa.get(i), instead);
            double form = format == null ? 0 : value(asked.get(i), format.get(i), instead);
            qaRewards.add(right);
            rewards.add(right + weight * form);
            if (formatRewards != null) {
                formatRewards.add(form);
            }
        }
        return answer;
    }

    private static double value(GroupToScore asked, Score score, Optional<Double> instead) {
        if (score.unscored().isEmpty()) {
            return score.value();
        }
        return instead.orElseThrow(() -> new RequestFault(RequestFault.UNPROCESSABLE, asked.sample().id() + "[0]",
                "could not be scored: " + score.unscored().get()));
    }
}
