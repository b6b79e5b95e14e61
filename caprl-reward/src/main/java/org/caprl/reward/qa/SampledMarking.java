package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The published marking: an answer is sampled, and its first letter is right or not ({@link AnswerMark}). */
public record SampledMarking() implements Marking {
    @Override
    public List<List<Mark>> mark(Answerer answerer, List<CaptionQuestions> asked) {
        List<List<Answer>> answers = answerer.answer(asked);
        ProbabilityMarking.requireShape(asked, answers);
        List<List<Mark>> marks = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            List<Mark> ofCaption = new ArrayList<>();
            for (int q = 0; q < answers.get(i).size(); q++) {
                ofCaption.add(mark(asked.get(i).questions().get(q), answers.get(i).get(q)));
            }
            marks.add(ofCaption);
        }
        return marks;
    }

    private static Mark mark(PosedQuestion question, Answer answer) {
        if (answer.failure().isPresent()) {
            return new Mark(0, 0, null, answer.failure());
        }
        AnswerMark mark = AnswerMark.of(answer.text(), question);
        return new Mark(mark.right() ? 1 : 0, mark.wrong() ? 1 : 0, MarkedQuestion.of(question, answer.text(), mark), Optional.empty());
    }
}
