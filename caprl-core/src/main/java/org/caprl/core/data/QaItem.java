package org.caprl.core.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A multiple-choice question about an image. The right choice is an index, never a letter or a text, so shuffling cannot lose it.
 *
 * @param question the wording, without choices
 * @param choices  2 to 5 different texts, without their letters
 * @param answer   index of the right one in {@code choices}
 */
public record QaItem(String question, List<String> choices, int answer) {
    /** More would collide with the refusal option, whose letter is always F. */
    public static final int MAX_CHOICES = 5;
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
        if (answer < 0 || answer >= choices.size()) {
            throw new IllegalArgumentException("question '" + question + "' has no right answer: index " + answer
                    + " of " + choices.size() + " choices");
        }
    }

    /**
     * Reads the labelled form of a row: choices {@code "A) red"}, {@code "B) blue"}, … in the order of the alphabet, the answer as a
     * letter.
     *
     * @throws IllegalArgumentException with what is wrong and how to mend it
     */
    public static QaItem labelled(String question, List<String> labelledChoices, String answerLetter) {
        List<String> choices = new ArrayList<>();
        for (int i = 0; i < labelledChoices.size(); i++) {
            String label = letter(i) + ")";
            String labelled = labelledChoices.get(i).strip();
            String text = labelled.startsWith(label) ? labelled.substring(label.length()).strip() : "";
            if (text.isEmpty()) {
                throw new IllegalArgumentException("choice " + (i + 1) + " of question '" + question + "' is '" + labelledChoices.get(i)
                        + "'; expected '" + label + " text', labels in the order A) B) C) …");
            }
            choices.add(text);
        }
        String letter = answerLetter.strip();
        int answer = letter.length() == 1 ? letter.charAt(0) - 'A' : -1;
        if (answer < 0 || answer >= Math.max(choices.size(), MIN_CHOICES)) {
            throw new IllegalArgumentException("question '" + question + "' has no right answer: 'answer' is '" + answerLetter
                    + "'; expected one letter of " + labels(choices.size()));
        }
        return new QaItem(question, choices, answer);
    }

    /** The choices with their letters, as rows hold them. */
    public List<String> labelledChoices() {
        List<String> labelled = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) {
            labelled.add(letter(i) + ") " + choices.get(i));
        }
        return labelled;
    }

    /** The letter of the right choice. */
    public String answerLetter() {
        return String.valueOf(letter(answer));
    }

    /** A for 0, B for 1 and so on. */
    public static char letter(int index) {
        return (char) ('A' + index);
    }

    private static String labels(int choices) {
        return choices < 2 ? "its choices (which are fewer than 2)" : "A to " + letter(choices - 1);
    }
}
