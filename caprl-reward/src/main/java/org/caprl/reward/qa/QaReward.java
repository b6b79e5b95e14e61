package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;

/**
 * The share of questions that the answerer answers rightly from the caption alone; of several answerers, the mean of their shares.
 *
 * <p>Each caption has its own paper, so the noise of a draw averages out within the group. All answerers get the same paper. The details of
 * a score are the marked questions, or for several answerers an {@link AnswersOf} each. A caption is unscored if any answer is missing.
 *
 * @param paper how questions are drawn
 * @param marking how answers are marked
 * @param wrongPenalty ≥ 0: what a share of wrong answers costs; a refusal costs nothing
 * @param answerers who answer, at least one, with different names
 */
public record QaReward(QuestionPaper paper, Marking marking, double wrongPenalty, List<Named> answerers) implements Reward {
    private static final long PAPER = CounterRandom.hash("question paper");
    private static final long ANSWERS = CounterRandom.hash("answers");

    /**
     * An answerer.
     *
     * @param name for samples
     * @param answerer who answers
     */
    public record Named(String name, Answerer answerer) {
    }

    /** @throws IllegalArgumentException if there is no answerer, two have the same name, or the penalty is negative or not finite */
    public QaReward {
        Objects.requireNonNull(paper, "paper");
        Objects.requireNonNull(marking, "marking");
        answerers = List.copyOf(answerers);
        if (answerers.isEmpty() || new HashSet<>(answerers.stream().map(Named::name).toList()).size() < answerers.size()) {
            throw new IllegalArgumentException("answerers need different names and one at least, got "
                    + answerers.stream().map(Named::name).toList());
        }
        if (!(wrongPenalty >= 0) || Double.isInfinite(wrongPenalty)) {
            throw new IllegalArgumentException("the penalty of a wrong answer is at least 0, got " + wrongPenalty);
        }
    }

    /** The published reward. */
    public QaReward(QuestionPaper paper, Answerer answerer) {
        this(paper, new SampledMarking(), 0, List.of(new Named("answerer", answerer)));
    }

    @Override
    public String name() {
        return "qa";
    }

    /** The questions on a caption, as they are drawn. @param key of the caption, as in {@link GroupToScore#captionKey} */
    public static List<PosedQuestion> draw(QuestionPaper paper, CaptionSample sample, long key) {
        return paper.draw(sample, CounterRandom.with(key, PAPER));
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        List<CaptionQuestions> asked = new ArrayList<>();
        for (GroupToScore group : groups) {
            for (int i = 0; i < group.captions().size(); i++) {
                long key = group.captionKey(i);
                asked.add(new CaptionQuestions(group.captions().get(i).text(), draw(paper, group.sample(), key),
                        CounterRandom.with(key, ANSWERS)));
            }
        }
        List<CaptionQuestions> papers = asked.stream().filter(caption -> !caption.questions().isEmpty()).toList();
        List<List<List<Marking.Mark>>> marks = new ArrayList<>();
        for (int a = 0; a < answerers.size(); a++) {
            int answerer = a;
            // The first one's draws are those that it would have alone.
            marks.add(marking.mark(answerers.get(a).answerer(), a == 0 ? papers : papers.stream()
                    .map(c -> new CaptionQuestions(c.caption(), c.questions(), CounterRandom.with(c.key(), answerer))).toList()));
        }
        List<List<Score>> scores = new ArrayList<>();
        int caption = 0;
        int marked = 0;
        for (GroupToScore group : groups) {
            List<Score> ofGroup = new ArrayList<>();
            for (int i = 0; i < group.captions().size(); i++) {
                CaptionQuestions questions = asked.get(caption++);
                int at = questions.questions().isEmpty() ? -1 : marked++;
                ofGroup.add(at < 0 ? Score.unscored("no question of sample '" + group.sample().id() + "' has its right answer among its "
                        + "options, and such questions are dropped") : score(questions, marks.stream().map(m -> m.get(at)).toList()));
            }
            scores.add(ofGroup);
        }
        return scores;
    }

    /** @param marks [answerer][question] */
    private Score score(CaptionQuestions asked, List<List<Marking.Mark>> marks) {
        double sum = 0;
        List<Record> details = new ArrayList<>();
        for (int a = 0; a < marks.size(); a++) {
            double right = 0;
            double wrong = 0;
            List<Record> questions = new ArrayList<>();
            for (int q = 0; q < marks.get(a).size(); q++) {
                Marking.Mark mark = marks.get(a).get(q);
                if (mark.failure().isPresent()) {
                    return Score.unscored("question '" + asked.questions().get(q).question() + "' was not answered"
                            + (marks.size() > 1 ? " by " + answerers.get(a).name() : "") + ": " + mark.failure().get());
                }
                right += mark.right();
                wrong += mark.wrong();
                questions.add(mark.detail());
            }
            double value = right / questions.size() - wrongPenalty * (wrong / questions.size());
            sum += value;
            details.addAll(marks.size() == 1 ? questions : List.of(new AnswersOf(answerers.get(a).name(), value, questions)));
        }
        return new Score(sum / marks.size(), Optional.empty(), details);
    }
}
