package org.caprl.reward.qa;

import java.util.List;
import org.caprl.core.data.QaItem;

/**
 * A question as it is put to the answerer: options in a drawn order, labelled from A. The refusal option is not among them: it always
 * comes last, with its own label, and right only where the data say so ({@link Unmatched#KEEP}).
 *
 * @param question the wording
 * @param options texts of the options, without labels, at most {@value QaItem#MAX_CHOICES}
 * @param right index of the right one; two options may have any texts, only the index counts. From their number on it is the label, A = 0,
 *     of an answer that is not among them
 */
public record PosedQuestion(String question, List<String> options, int right) {
    /** The text of the option that says that the caption does not tell. */
    public static final String REFUSAL = "Can not answer based on the caption";
    /** Its label, whatever the number of options. */
    public static final char REFUSAL_LETTER = 'F';

    /** @throws IllegalArgumentException if there are too many options, or the right one has no label */
    public PosedQuestion {
        options = List.copyOf(options);
        if (options.size() > QaItem.MAX_CHOICES) {
            throw new IllegalArgumentException("question '" + question + "' has " + options.size() + " options; at most "
                    + QaItem.MAX_CHOICES + " fit before the refusal option " + REFUSAL_LETTER);
        }
        if (right < 0 || right >= QaItem.LABELS) {
            throw new IllegalArgumentException("question '" + question + "' has " + options.size()
                    + " options and no right one at " + right);
        }
    }

    /** Whether the right answer is one of the options. */
    public boolean matched() {
        return right < options.size();
    }

    /** The label of the right answer. */
    public char rightLetter() {
        return QaItem.letter(right);
    }
}
