package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Nothing is sampled: a question is worth the probability of its right letter among the letters that are offered, the refusal included.
 * That is what {@link SampledMarking} gives on average if every answer begins with an offered letter, without its noise.
 *
 * @param temperature of the probabilities, that of the answers: log-probabilities are divided by it before they are normalised; 0 gives
 *     all to the most probable letter
 */
public record ProbabilityMarking(double temperature) implements Marking {
    /** @throws IllegalArgumentException if the temperature is negative or not finite */
    public ProbabilityMarking {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("a temperature is at least 0, got " + temperature);
        }
    }

    @Override
    public List<List<Mark>> mark(Answerer answerer, List<CaptionQuestions> asked) {
        List<List<LetterLogProbs>> letters = answerer.letterLogProbs(asked);
        requireShape(asked, letters);
        List<List<Mark>> marks = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            List<Mark> ofCaption = new ArrayList<>();
            for (int q = 0; q < letters.get(i).size(); q++) {
                ofCaption.add(mark(asked.get(i).questions().get(q), letters.get(i).get(q)));
            }
            marks.add(ofCaption);
        }
        return marks;
    }

    private Mark mark(PosedQuestion question, LetterLogProbs letters) {
        if (letters.failure().isPresent()) {
            return new Mark(Double.NaN, Double.NaN, null, letters.failure());
        }
        WeighedQuestion weighed = WeighedQuestion.of(question, letters.probabilities(question, temperature));
        return new Mark(weighed.credit(), weighed.wrong(), weighed, Optional.empty());
    }

    static <T> void requireShape(List<CaptionQuestions> asked, List<List<T>> answers) {
        if (answers.size() != asked.size()) {
            throw new IllegalStateException("the answerer returned answers for " + answers.size() + " of " + asked.size() + " captions");
        }
        for (int i = 0; i < asked.size(); i++) {
            if (answers.get(i).size() != asked.get(i).questions().size()) {
                throw new IllegalStateException("the answerer returned " + answers.get(i).size() + " answers to "
                        + asked.get(i).questions().size() + " questions");
            }
        }
    }
}
