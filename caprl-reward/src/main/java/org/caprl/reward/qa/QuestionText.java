package org.caprl.reward.qa;

import org.caprl.core.data.QaItem;

/**
 * The text form of a question, on which answerers are trained and which outside tools rely on:
 *
 * <pre>
 * What colour is the circle?
 *    - A) red
 *    - B) blue
 *    - F) Can not answer based on the caption
 * </pre>
 *
 * without a line break at the end.
 */
public final class QuestionText {
    private QuestionText() {
    }

    /** The question on the first line, then a line an option, the refusal option last. */
    public static String of(PosedQuestion posed) {
        StringBuilder text = new StringBuilder(posed.question());
        for (int i = 0; i < posed.options().size(); i++) {
            option(text, QaItem.letter(i), posed.options().get(i));
        }
        option(text, PosedQuestion.REFUSAL_LETTER, PosedQuestion.REFUSAL);
        return text.toString();
    }

    private static void option(StringBuilder text, char letter, String option) {
        text.append("\n   - ").append(letter).append(") ").append(option);
    }
}
