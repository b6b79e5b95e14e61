package org.caprl.reward.qa;

import java.util.List;
import java.util.Optional;

/** How an answerer's answers to the questions on a caption become marks. */
public sealed interface Marking permits SampledMarking, ProbabilityMarking {
    /**
     * The mark of one question.
     *
     * @param right 1 for the right answer, 0 for another one, or a probability in between
     * @param wrong likewise for wrong options and letters that no option has; neither the refusal nor an answer without a letter is wrong
     * @param detail a record for the run's samples from which the mark can be made again; null if it failed
     * @param failure why there is no mark
     */
    record Mark(double right, double wrong, Record detail, Optional<String> failure) {
    }

    /** Asks and marks all questions: a list a caption, a mark a question, in the order given. */
    List<List<Mark>> mark(Answerer answerer, List<CaptionQuestions> asked);
}
