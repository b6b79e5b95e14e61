package org.caprl.reward.qa;

import java.util.List;
import org.caprl.core.RunStoppedException;

/** A frozen language model that answers questions from captions. It never sees an image. */
public interface Answerer {
    /**
     * Answers all questions of all captions; it may batch them as it likes.
     *
     * @return a list a caption, an answer a question, in the order given; an answer depends on its caption, question and key alone
     */
    List<List<Answer>> answer(List<CaptionQuestions> captions);

    /**
     * What it thinks of each letter, nothing drawn: what evaluations are made of. Keys of the captions are not used.
     *
     * @return a list a caption, one a question, in the order given; what could not be asked is {@link LetterLogProbs#failed}
     * @throws RunStoppedException if a letter has no finite log-probability
     */
    List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions);
}
