package org.caprl.reward.qa;

import java.util.List;

/**
 * A caption and the questions that are to be answered from it alone. The caption is the shared prefix of its questions.
 *
 * @param caption its text
 * @param questions in order
 * @param key of the answerer's sampling; the answer to question q uses {@link org.caprl.core.random.CounterRandom#with with(key, q)}
 */
public record CaptionQuestions(String caption, List<PosedQuestion> questions, long key) {
    /** The list is copied. */
    public CaptionQuestions {
        questions = List.copyOf(questions);
    }
}
