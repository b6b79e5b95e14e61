package org.caprl.core.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A multiple-choice question about an image. The right choice is an index, never a letter or a text, so shuffling cannot lose it. Rows
 * are read by {@link QaForms}.
 *
 * @param question the wording, without choices
 * @param choices  2 to 5 different texts, without their letters
 * @param answer   index of the right one in {@code choices}; from their number on up to 8 the label, A = 0, of an answer that is not among
 *     them, see {@link #matched}
 */
public record QaItem(String question, List<String> choices, int answer) {
    /** More would collide with the refusal option, whose letter is always F. */
    public static final int MAX_CHOICES = 5;
    /** Answers are letters from A to I. */
    public static final int LABELS = 9;
    /** With fewer there is nothing to choose. */
    public static final int MIN_CHOICES = 2;

    /** @throws IllegalArgumentException with what is wrong and how to mend it */
    public QaItem {
        choices = List.copyOf(choices);
        if (question.isBlank()) {
            throw new IllegalArgumentException("the question is empty; write its text");
        }
        if (choices.size() < MIN_CHOICES || choices.size() > MAX_CHOICES) {
            throw new IllegalArgumentException("question '" + question + "' has " + choices.size()
                    + (choices.size() == 1 ? " choice" : " choices") + "; give " + MIN_CHOICES + " to " + MAX_CHOICES
                    + " (the letter F belongs to the refusal option)");
        }
        if (new HashSet<>(choices).size() < choices.size()) {
            throw new IllegalArgumentException("question '" + question + "' has the same choice twice: " + choices
                    + "; make them different");
        }
        if (answer < 0 || answer >= LABELS) {
            throw new IllegalArgumentException("question '" + question + "' has no right answer: index " + answer
                    + " of " + choices.size() + " choices");
        }
    }

    /** Whether the right answer is among the choices. If not, it is a label that none of them has: the refusal's, in published data. */
    public boolean matched() {
        return answer < choices.size();
    }

    /** The choices with their letters, as rows hold them. */
    public List<String> labelledChoices() {
        List<String> labelled = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) {
            labelled.add(letter(i) + ") " + choices.get(i));
        }
        return labelled;
    }

    /** The letter of the right answer. */
    public String answerLetter() {
        return String.valueOf(letter(answer));
    }

    /** A for 0, B for 1 and so on. */
    public static char letter(int index) {
        return (char) ('A' + index);
    }
}
