package org.caprl.reward.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.data.QaItem;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.reward.qa.ProbabilityMarking;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.qa.SampledMarking;
import org.caprl.reward.qa.Unmatched;
import org.caprl.reward.remote.ApiKey;
import org.caprl.reward.remote.RemoteServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RemoteRewardTest {
    private static final ScoreForm.Wanted WANTED = ScoreForm.Wanted.published(5, 0.6, 10);
    private static final List<QaItem> ITEMS = List.of(new QaItem("What colour is the circle?", List.of("red", "blue", "A) green"), 0),
            new QaItem("Which shape is it?\nLook twice.", List.of("bar", "circle"), 1),
            new QaItem("How many?", List.of("1", "2", "3", "4", "B"), 4));

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private RewardServer serve(ServerSettings settings) {
        RewardServer server = RewardServer.listen(settings);
        server.serve(new LiteralAnswerer(), new AnswererInfo("literal", "short", 0.6, 10));
        open.add(server);
        return server;
    }

    private RemoteReward reward(ScoreForm.Wanted wanted, ApiKey key, int... ports) {
        List<URI> urls = new ArrayList<>();
        for (int port : ports) {
            urls.add(URI.create("http://127.0.0.1:" + port));
        }
        RemoteReward reward = new RemoteReward(new RemoteServer(urls, "", key, JsonNodeFactory.instance.objectNode(), 8,
                Duration.ofSeconds(60), Duration.ofSeconds(10), 2, Duration.ofMillis(10)), wanted);
        open.add(reward);
        return reward;
    }

    private static List<GroupToScore> groups() {
        List<GroupToScore> groups = new ArrayList<>();
        for (int g = 0; g < 12; g++) {
            String sample = "sample \"" + g + "\"\u00fc";
            List<GroupToScore.CaptionText> captions = List.of(new GroupToScore.CaptionText("A red circle.", 4),
                    new GroupToScore.CaptionText("\ud83d\ude00 1 blue bar\n{question}\u0000", 9), new GroupToScore.CaptionText("", 0));
            GroupToScore asked = Asked.caption(sample, ITEMS.subList(0, 1 + g % 3), "", 0, 0);
            groups.add(new GroupToScore(asked.sample(), captions, GroupToScore.key(-3, g, sample)));
        }
        return groups;
    }

    @Test
    void rewardsAreTheLocalOnesToTheLastDetail() {
        List<List<Score>> local = new QaReward(new QuestionPaper(5), new LiteralAnswerer()).score(groups());
        assertEquals(local, reward(WANTED, ApiKey.NONE, serve(Settings.free()).port()).score(groups()));
        assertTrue(local.stream().flatMap(List::stream).mapToDouble(Score::value).distinct().count() > 4);
        List<List<Score>> all = new QaReward(QuestionPaper.ALL, new LiteralAnswerer()).score(groups());
        assertEquals(all, reward(ScoreForm.Wanted.published(0, 0.6, 10), ApiKey.NONE, serve(Settings.free()).port()).score(groups()));
    }

    @Test
    void everyWayToMarkIsTheLocalOne() {
        int port = serve(Settings.free()).port();
        for (Marking marking : List.of(new SampledMarking(), new ProbabilityMarking(0.6))) {
            for (Unmatched unmatched : Unmatched.values()) {
                QuestionPaper paper = new QuestionPaper(3, unmatched);
                List<GroupToScore> groups = new ArrayList<>(groups());
                GroupToScore asked = Asked.caption("unmatched", List.of(new QaItem("What?", List.of("red", "blue"), 5)), "A red bar.",
                        9, 2);
                groups.add(asked);
                List<List<Score>> local = new QaReward(paper, marking, 0.25, List.of(new QaReward.Named("answerer", new LiteralAnswerer())))
                        .score(groups);
                assertEquals(local, reward(new ScoreForm.Wanted(paper, marking, 0.25, 0.6, 10), ApiKey.NONE, port).score(groups));
                assertEquals(unmatched == Unmatched.DROP, local.getLast().getFirst().unscored().isPresent());
            }
        }
    }

    @Test
    void aPartOfAGroupIsScoredAsInTheWhole() {
        RemoteReward reward = reward(WANTED, ApiKey.NONE, serve(Settings.free()).port());
        GroupToScore whole = groups().get(2);
        GroupToScore part = new GroupToScore(whole.sample(), whole.captions().subList(1, 3), whole.key(), 1);
        assertEquals(reward.score(List.of(whole)).getFirst().subList(1, 3), reward.score(List.of(part)).getFirst());
    }

    @Test
    void lettersAreTheLocalOnesToTheLastBit() {
        List<PosedQuestion> questions = ITEMS.stream()
                .map(item -> new PosedQuestion(item.question(), item.choices(), item.answer())).toList();
        List<CaptionQuestions> asked = List.of(new CaptionQuestions("A red circle", questions, 4),
                new CaptionQuestions("4", questions.subList(1, 3), 5), new CaptionQuestions("none", List.of(), 6));
        List<List<LetterLogProbs>> local = new LiteralAnswerer().letterLogProbs(asked);
        List<List<LetterLogProbs>> remote = reward(WANTED, ApiKey.NONE, serve(Settings.free()).port()).letterLogProbs(asked);
        for (int i = 0; i < local.size(); i++) {
            assertEquals(local.get(i).size(), remote.get(i).size());
            for (int q = 0; q < local.get(i).size(); q++) {
                assertArrayEquals(local.get(i).get(q).byLetter(), remote.get(i).get(q).byLetter());
            }
        }
    }

    @Test
    void aServerThatAnswersOtherwiseIsRefusedAtOnce() {
        RewardServer server = serve(Settings.free());
        assertEquals(List.of(), reward(WANTED, ApiKey.NONE, server.port()).check(Duration.ofSeconds(10)));
        InputException error = assertThrows(InputException.class,
                () -> reward(ScoreForm.Wanted.published(5, 0.7, 10), ApiKey.NONE, server.port()).check(Duration.ofSeconds(10)));
        assertTrue(error.getMessage().contains("0.6") && error.getMessage().contains("0.7"), error.getMessage());
    }

    @Test
    void theTokenGoesWithEveryRequestAndIsNeverShown() {
        RewardServer server = serve(Settings.token("sesame-42"));
        ApiKey right = ApiKey.of("reward.server.token_env", Optional.of("T"), Map.of("T", "sesame-42"));
        ApiKey wrong = ApiKey.of("reward.server.token_env", Optional.of("T"), Map.of("T", "sesame-43"));
        assertEquals(0, reward(WANTED, right, server.port()).score(groups()).stream().flatMap(List::stream)
                .filter(score -> score.unscored().isPresent()).count());
        InputException error = assertThrows(InputException.class, () -> reward(WANTED, wrong, server.port()).check(Duration.ofSeconds(10)));
        assertTrue(error.getMessage().contains("401") && !error.getMessage().contains("sesame"), error.getMessage());
        Score refused = reward(WANTED, wrong, server.port()).score(groups()).getFirst().getFirst();
        assertTrue(refused.unscored().orElseThrow().contains("401"), refused.toString());
    }

    @Test
    void withOneServerDownTheOtherOneIsAskedAndWithAllDownNothingIsScored() {
        RewardServer first = serve(Settings.free());
        RewardServer second = serve(Settings.free());
        RemoteReward reward = reward(WANTED, ApiKey.NONE, first.port(), second.port());
        List<List<Score>> both = reward.score(groups());
        first.close();
        assertEquals(both, reward.score(groups()));
        assertEquals(1, reward.check(Duration.ofSeconds(10)).size());
        second.close();
        List<Score> none = reward.score(groups()).stream().flatMap(List::stream).toList();
        assertTrue(none.stream().allMatch(score -> score.unscored().isPresent()), none.toString());
        List<LetterLogProbs> letters = reward.letterLogProbs(List.of(new CaptionQuestions("x",
                List.of(new PosedQuestion("q", List.of("a", "b"), 0)), 0))).getFirst();
        assertTrue(letters.getFirst().failure().isPresent());
        assertThrows(InputException.class, () -> reward.check(Duration.ofSeconds(10)));
    }
}
