package org.caprl.reward.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;

/**
 * Chooses the option whose text stands in the caption, and refuses where none does: what comes out for a question is known beforehand,
 * however its options are shuffled.
 *
 * @param calls how often it was asked
 */
record LiteralAnswerer(AtomicInteger calls) implements Answerer {
    LiteralAnswerer() {
        this(new AtomicInteger());
    }

    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        calls.incrementAndGet();
        List<List<Answer>> answers = new ArrayList<>();
        for (CaptionQuestions asked : captions) {
            answers.add(asked.questions().stream().map(question -> Answer.of(" " + letter(asked.caption(), question))).toList());
        }
        return answers;
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        calls.incrementAndGet();
        List<List<LetterLogProbs>> letters = new ArrayList<>();
        for (CaptionQuestions asked : captions) {
            letters.add(asked.questions().stream().map(question -> {
                double[] byLetter = new double[LetterLogProbs.LETTERS];
                Arrays.fill(byLetter, -1e9 / 7);
                byLetter[letter(asked.caption(), question) - 'A'] = -1e-9 / 3;
                return new LetterLogProbs(byLetter);
            }).toList());
        }
        return letters;
    }

    private static char letter(String caption, PosedQuestion question) {
        for (int i = 0; i < question.options().size(); i++) {
            if (caption.contains(question.options().get(i))) {
                return (char) ('A' + i);
            }
        }
        return PosedQuestion.REFUSAL_LETTER;
    }
}
