package org.caprl.core.data.synth;

import org.caprl.core.data.QaItem;

/**
 * One example for the answerer: it reads the caption and the question and gives the option that follows from the caption.
 *
 * @param kind          how the caption stands to the scene
 * @param caption       what is read; may be empty
 * @param question      with its choices in the order to show; its own answer is that of the scene
 * @param impliedOption index of the choice that follows from the caption, or {@link CaptionAnswer#NONE}: refuse
 */
public record AnswererExample(CaptionKind kind, String caption, QaItem question, int impliedOption) {
    /** What the answerer is to write: the letter of the implied choice, or F, which always is the refusal option's. */
    public String targetLetter() {
        return impliedOption == CaptionAnswer.NONE ? "F" : String.valueOf(QaItem.letter(impliedOption));
    }
}
