package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;

/**
 * The share of a caption's questions that the answerer gets right. Every caption has a paper of its own, keyed by the group and the
 * caption index.
 *
 * @param paper how questions are drawn
 * @param answerer who answers them
 */
public record QaReward(QuestionPaper paper, Answerer answerer) implements Reward {
    private static final long PAPER = CounterRandom.hash("question paper");
    private static final long ANSWERS = CounterRandom.hash("answers");

    /** Checks that nothing is null. */
    public QaReward {
        Objects.requireNonNull(paper, "paper");
        Objects.requireNonNull(answerer, "answerer");
    }

    @Override
    public String name() {
        return "qa";
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        List<CaptionQuestions> asked = new ArrayList<>();
        for (GroupToScore group : groups) {
            for (int i = 0; i < group.captions().size(); i++) {
                long key = group.captionKey(i);
                List<PosedQuestion> questions = paper.draw(group.sample(), CounterRandom.with(key, PAPER));
                asked.add(new CaptionQuestions(group.captions().get(i).text(), questions, CounterRandom.with(key, ANSWERS)));
            }
        }
        List<List<Answer>> answers = answerer.answer(asked);
        if (answers.size() != asked.size()) {
            throw new IllegalStateException("the answerer returned answers for " + answers.size() + " of " + asked.size() + " captions");
        }
        List<List<Score>> scores = new ArrayList<>();
        int at = 0;
        for (GroupToScore group : groups) {
            List<Score> ofGroup = new ArrayList<>();
            for (int i = 0; i < group.captions().size(); i++, at++) {
                ofGroup.add(mark(asked.get(at).questions(), answers.get(at)));
            }
            scores.add(ofGroup);
        }
        return scores;
    }

    private static Score mark(List<PosedQuestion> questions, List<Answer> answers) {
        if (answers.size() != questions.size()) {
            throw new IllegalStateException("the answerer returned " + answers.size() + " answers to " + questions.size() + " questions");
        }
        List<AnswerMark> marks = new ArrayList<>();
        List<Record> details = new ArrayList<>();
        for (int q = 0; q < questions.size(); q++) {
            Answer answer = answers.get(q);
            if (answer.failure().isPresent()) {
                return Score.unscored("question '" + questions.get(q).question() + "' was not answered: " + answer.failure().get());
            }
            AnswerMark mark = AnswerMark.of(answer.text(), questions.get(q));
            marks.add(mark);
            details.add(MarkedQuestion.of(questions.get(q), answer.text(), mark));
        }
        return new Score(AnswerMark.shareRight(marks), Optional.empty(), details);
    }
}
