package org.caprl.core.data.synth;

import java.util.Optional;
import java.util.Set;
import org.caprl.core.data.QaItem;

/**
 * What a careful reader answers from the caption alone: the choice that the caption states, right or wrong; none if it does not say, says
 * something that is not among the choices, or contradicts itself. Only what is stated counts: a number of objects follows from "There are
 * 3 objects.", not from three mentions, and a highest bar from "The highest is tea.", not from the values.
 */
public final class CaptionAnswer {
    /** The caption implies none of the choices: refuse. */
    public static final int NONE = -1;

    private CaptionAnswer() {
    }

    /** Index of the implied choice, or {@link #NONE}. @throws IllegalArgumentException if the question is not one of {@link Questions} */
    public static int of(String caption, QaItem question) {
        Optional<Query> query = Query.parse(question.question());
        if (query.isEmpty()) {
            throw new IllegalArgumentException("'" + question.question() + "' is not a question of the synthetic world");
        }
        Set<String> answers = query.get().answers(FactReader.read(caption));
        return answers.size() == 1 ? question.choices().indexOf(answers.iterator().next()) : NONE;
    }
}
