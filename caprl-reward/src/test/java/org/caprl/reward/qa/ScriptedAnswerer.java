package org.caprl.reward.qa;

import java.util.List;
import java.util.function.Function;

/** An answerer that says what a test wants; it has no opinion on letters. */
record ScriptedAnswerer(Function<List<CaptionQuestions>, List<List<Answer>>> answers) implements Answerer {
    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        return answers.apply(captions);
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        throw new UnsupportedOperationException("this answerer has no log-probabilities");
    }
}
