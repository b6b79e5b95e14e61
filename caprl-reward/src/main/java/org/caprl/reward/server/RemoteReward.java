package org.caprl.reward.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.remote.EndpointClient;
import org.caprl.reward.remote.Outage;
import org.caprl.reward.remote.Parallel;
import org.caprl.reward.remote.RemoteServer;
import org.caprl.reward.remote.Reply;

/**
 * The question-answering reward of a {@link RewardServer}. The server draws as {@link org.caprl.reward.qa.QaReward} does here, from the
 * same keys, so a run gets the same rewards, marked questions and evaluations as in its own JVM from the same answerer.
 *
 * <p>A group is a request, an evaluated caption too. What no server answered after all tries is unscored, with the reason.
 */
public final class RemoteReward implements Reward, LetterReader, AutoCloseable {
    private static final String SCORE = "score";
    private static final String LETTERS = "letters";

    private final RemoteServer server;
    private final ScoreForm.Wanted wanted;
    private final EndpointClient client;

    /**
     * A reward; nothing is sent yet.
     *
     * @param server where reward servers with the same answerer listen
     * @param wanted how captions are examined
     */
    public RemoteReward(RemoteServer server, ScoreForm.Wanted wanted) {
        this.server = server;
        this.wanted = wanted;
        this.client = new EndpointClient(server);
    }

    /**
     * Asks every server, once, whether it is there and answers as this reward wants it.
     *
     * @param limit for each
     * @return a line for each that could not be reached while another one answered
     * @throws InputException if none answers, or one refuses
     */
    public List<String> check(Duration limit) {
        String nothing = ScoreForm.request(wanted).toString();
        List<Reply> replies = Parallel.results(server.urls().stream()
                .map(url -> (Callable<Reply>) () -> client.once(url, SCORE, nothing, limit)).toList());
        List<String> unreached = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Reply reply : replies) {
            if (reply instanceof Reply.Failed(String reason, boolean passing)) {
                (passing ? unreached : refused).add(reason);
            }
        }
        if (!refused.isEmpty() || unreached.size() == replies.size()) {
            throw new InputException("the reward server of reward.server "
                    + (refused.isEmpty() ? "can't be reached; start it (caprl reward-server), or correct url"
                            : "refuses; correct the keys of reward, or start it with other options")
                    + ":\n  " + String.join("\n  ", Stream.concat(refused.stream(), unreached.stream()).toList()));
        }
        return unreached.stream().map(why -> "a reward server does not answer; the others are asked, and it again later: " + why).toList();
    }

    @Override
    public String name() {
        return "qa";
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        Outage outage = new Outage();
        return Parallel.results(groups.stream().map(group -> (Callable<List<Score>>) () -> score(group, outage)).toList());
    }

    private List<Score> score(GroupToScore group, Outage outage) {
        Reply reply = client.post(SCORE, () -> ScoreForm.request(wanted, group).toString(), outage);
        Read<List<Score>> read = read(reply, answer -> ScoreForm.scores(answer, group));
        return read.value() != null ? read.value() : group.captions().stream().map(_ -> Score.unscored(read.problem())).toList();
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        Outage outage = new Outage();
        return Parallel.results(captions.stream().map(asked -> (Callable<List<LetterLogProbs>>) () -> letters(asked, outage)).toList());
    }

    private List<LetterLogProbs> letters(CaptionQuestions asked, Outage outage) {
        if (asked.questions().isEmpty()) {
            return List.of();
        }
        Reply reply = client.post(LETTERS, () -> LettersForm.request(asked).toString(), outage);
        Read<List<LetterLogProbs>> read = read(reply, answer -> LettersForm.letters(answer, asked));
        return read.value() != null ? read.value() : asked.questions().stream().map(_ -> LetterLogProbs.failed(read.problem())).toList();
    }

    /** @param value null if there is none, for the reason {@code problem} */
    private record Read<T>(T value, String problem) {
    }

    private static <T> Read<T> read(Reply reply, Function<JsonNode, T> form) {
        return switch (reply) {
            case Reply.Failed(String reason, boolean _) -> new Read<>(null, reason);
            case Reply.Answered(URI url, JsonNode body) -> {
                try {
                    yield new Read<>(form.apply(body), "");
                } catch (IllegalArgumentException e) {
                    yield new Read<>(null, url + " does not answer as a reward server of this version does: " + e.getMessage());
                }
            }
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
