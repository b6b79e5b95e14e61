package org.caprl.reward.qa;

import java.util.OptionalInt;

/**
 * The mark of one answer: the first capital letter A to I of what the answerer wrote after {@value AnswererPrompt#TURN_START} is its
 * choice. Everything but the right letter is wrong: another option, the refusal, a letter that no option has, or none.
 *
 * @param letter the choice; empty if there is no such letter
 * @param right it is the right option's
 */
public record AnswerMark(OptionalInt letter, boolean right) {
    /** Marks a generated text. */
    public static AnswerMark of(String generated, PosedQuestion posed) {
        OptionalInt letter = generated.chars().filter(c -> c >= 'A' && c <= 'I').findFirst();
        return new AnswerMark(letter, letter.isPresent() && letter.getAsInt() == posed.rightLetter());
    }

    /** The answerer said that the caption does not tell. */
    public boolean refused() {
        return letter.isPresent() && letter.getAsInt() == PosedQuestion.REFUSAL_LETTER;
    }

    /** It chose, and wrongly: no refusal, and not an answer without a letter. */
    public boolean wrong() {
        return letter.isPresent() && !right && !refused();
    }
}
