package org.caprl.reward.qa;

import java.util.List;

/**
 * What one of several answerers made of a caption's paper: a line of the run's samples.
 *
 * @param answerer its name
 * @param value what it gives the caption
 * @param questions {@link MarkedQuestion} or {@link WeighedQuestion}, one a question
 */
public record AnswersOf(String answerer, double value, List<Record> questions) {
    /** The list is copied. */
    public AnswersOf {
        questions = List.copyOf(questions);
    }
}
