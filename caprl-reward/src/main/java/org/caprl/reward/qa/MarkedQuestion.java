package org.caprl.reward.qa;

import java.util.List;

/**
 * One question of a caption's paper with its answer and mark: a line of the run's samples, and enough to mark it again.
 *
 * @param question the wording
 * @param options in the order shown, without labels and without the refusal option
 * @param right label of the right option
 * @param answer what the answerer generated
 * @param chosen label that counted, or an empty text
 * @param correct whether it was the right one
 */
public record MarkedQuestion(String question, List<String> options, String right, String answer, String chosen, boolean correct) {
    static MarkedQuestion of(PosedQuestion posed, String answer, AnswerMark mark) {
        String chosen = mark.letter().isPresent() ? Character.toString(mark.letter().getAsInt()) : "";
        return new MarkedQuestion(posed.question(), posed.options(), String.valueOf(posed.rightLetter()), answer, chosen, mark.right());
    }
}
