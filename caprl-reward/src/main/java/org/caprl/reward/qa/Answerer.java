package org.caprl.reward.qa;

import java.util.List;

/** A frozen language model that answers questions from captions. It never sees an image. */
public interface Answerer extends LetterReader {
    /**
     * Answers all questions of all captions; it may batch them as it likes.
     *
     * @return a list a caption, an answer a question, in the order given; an answer depends on its caption, question and key alone
     */
    List<List<Answer>> answer(List<CaptionQuestions> captions);
}
