package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.QaItem;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.GroupToScore.CaptionText;
import org.caprl.reward.Score;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QaRewardTest {
    private static final QaItem COLOUR = new QaItem("What colour is it?", List.of("red", "blue", "green"), 0);
    private static final QaItem SHAPE = new QaItem("What shape is it?", List.of("circle", "square"), 1);

    /** Chooses the only option that the caption mentions, else refuses; fails on the caption "broken". */
    private static List<List<Answer>> reader(List<CaptionQuestions> captions) {
        List<List<Answer>> answers = new ArrayList<>();
        for (CaptionQuestions asked : captions) {
            answers.add(asked.questions().stream().map(posed -> answer(asked.caption(), posed)).toList());
        }
        return answers;
    }

    private static Answer answer(String caption, PosedQuestion posed) {
        if (caption.equals("broken")) {
            return Answer.failed("no connection");
        }
        for (int i = 0; i < posed.options().size(); i++) {
            if (caption.contains(posed.options().get(i))) {
                return Answer.of(" " + QaItem.letter(i));
            }
        }
        return Answer.of(" F");
    }

    private static GroupToScore group(long key, String... captions) {
        List<CaptionText> texts = new ArrayList<>();
        for (String caption : captions) {
            texts.add(new CaptionText(caption, caption.length()));
        }
        return new GroupToScore(QuestionPaperTest.sample(COLOUR, SHAPE), texts, key);
    }

    @Test
    void shareOfRightAnswersFromTheCaptionAlone() {
        QaReward reward = new QaReward(QuestionPaper.ALL, new ScriptedAnswerer(QaRewardTest::reader));
        List<Score> scores = reward.score(List.of(group(1, "a red square", "a red thing", "a blue circle", ""))).getFirst();
        assertEquals(List.of(1.0, 0.5, 0.0, 0.0), scores.stream().map(Score::value).toList());
        MarkedQuestion first = (MarkedQuestion) scores.get(1).details().getFirst();
        assertTrue(first.correct());
        assertEquals(first.right(), first.chosen());
        MarkedQuestion second = (MarkedQuestion) scores.get(1).details().get(1);
        assertEquals("F", second.chosen());
        assertFalse(second.correct());
    }

    @ParameterizedTest
    @CsvSource({"0.0, 1.0, 0.5, 0.0, 0.0", "0.5, 1.0, 0.5, -0.25, 0.0", "1.0, 1.0, 0.5, -0.5, 0.0"})
    void wrongAnswersCostAndRefusalsDoNot(double penalty, double right, double halfRight, double halfWrong, double refused) {
        QaReward reward = new QaReward(QuestionPaper.ALL, new SampledMarking(), penalty,
                List.of(new QaReward.Named("a", new ScriptedAnswerer(QaRewardTest::reader))));
        List<Score> scores = reward.score(List.of(group(1, "a red square", "a red thing", "a blue thing", ""))).getFirst();
        assertEquals(List.of(right, halfRight, halfWrong, refused), scores.stream().map(Score::value).toList());
    }

    @Test
    void severalAnswerersAreAveragedAndNamed() {
        Answerer reads = new ScriptedAnswerer(QaRewardTest::reader);
        Answerer refuses = new ScriptedAnswerer(captions -> captions.stream()
                .map(c -> c.questions().stream().map(q -> Answer.of(" F")).toList()).toList());
        QaReward reward = new QaReward(QuestionPaper.ALL, new SampledMarking(), 0,
                List.of(new QaReward.Named("reads", reads), new QaReward.Named("refuses", refuses)));
        List<Score> scores = reward.score(List.of(group(1, "a red square", "a red thing", "broken"))).getFirst();
        assertEquals(0.5, scores.get(0).value());
        assertEquals(0.25, scores.get(1).value());
        AnswersOf first = (AnswersOf) scores.get(1).details().getFirst();
        assertEquals("reads", first.answerer());
        assertEquals(0.5, first.value());
        assertEquals(first.questions().stream().map(q -> ((MarkedQuestion) q).options()).toList(),
                ((AnswersOf) scores.get(1).details().get(1)).questions().stream().map(q -> ((MarkedQuestion) q).options()).toList());
        assertTrue(scores.get(2).unscored().orElseThrow().contains("was not answered by reads: no connection"));
    }

    @Test
    void theFirstAnswererDrawsWhatItWouldAlone() {
        List<Long> keys = new ArrayList<>();
        Answerer noting = new ScriptedAnswerer(captions -> {
            captions.forEach(c -> keys.add(c.key()));
            return reader(captions);
        });
        new QaReward(QuestionPaper.ALL, noting).score(List.of(group(5, "red")));
        new QaReward(QuestionPaper.ALL, new SampledMarking(), 0, List.of(new QaReward.Named("1", noting), new QaReward.Named("2", noting)))
                .score(List.of(group(5, "red")));
        assertEquals(keys.get(0), keys.get(1));
        assertNotEquals(keys.get(1), keys.get(2));
    }

    @Test
    void withoutAQuestionToAskACaptionIsUnscored() {
        QaItem unmatched = new QaItem("Q?", List.of("1", "2"), 5);
        GroupToScore none = new GroupToScore(QuestionPaperTest.sample(unmatched), List.of(new CaptionText("", 0)), 1);
        QaReward reward = new QaReward(new QuestionPaper(8, Unmatched.DROP), new ScriptedAnswerer(QaRewardTest::reader));
        List<List<Score>> scores = reward.score(List.of(none, group(1, "a red square")));
        assertTrue(scores.get(0).getFirst().unscored().orElseThrow().contains("000017"));
        assertEquals(1.0, scores.get(1).getFirst().value());
    }

    @Test
    void unansweredIsUnscoredNotZero() {
        QaReward reward = new QaReward(new QuestionPaper(8), new ScriptedAnswerer(QaRewardTest::reader));
        Score score = reward.score(List.of(group(1, "a red square", "broken"))).getFirst().get(1);
        assertTrue(Double.isNaN(score.value()));
        assertTrue(score.unscored().orElseThrow().contains("no connection"));
    }

    @Test
    void papersDoNotDependOnTheBatch() {
        QaReward reward = new QaReward(new QuestionPaper(8), new ScriptedAnswerer(QaRewardTest::reader));
        GroupToScore a = group(1, "a red square", "a red square");
        GroupToScore b = group(2, "a blue circle");
        List<List<Score>> together = reward.score(List.of(b, a));
        assertEquals(reward.score(List.of(a)).getFirst(), together.get(1));
        assertEquals(reward.score(List.of(b)).getFirst(), together.get(0));
        assertNotEquals(together.get(1).get(0).details(), together.get(1).get(1).details(), "each caption has its own paper");
    }
}
