package org.caprl.core.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The forms in which data hold a multiple-choice question, read into one {@link QaItem}.
 *
 * <ul>
 * <li>Choices: texts with labels, such as {@code A) red}, {@code A. red}, {@code A: red}, {@code (A) red}, with or without a bullet before;
 *     or texts without labels. All or none are labelled, in the order A, B, C ….
 * <li>They come as a list, as one text with a line a choice, or in the question's own text, below its first line.
 * <li>The answer: a label ({@code B}, {@code b}, {@code B)}, {@code (B)}, {@code B.}), a label with the choice's text, or that text.
 * <li>A refusal among the choices, labelled E or F (without labels: the fifth or the sixth), is left out: the reward adds its own. A
 *     refusal says that the question can't be answered: {@code Can not answer based on the caption}, {@code Cannot be determined from
 *     the image.} and the like; "none of the above" is none.
 * </ul>
 *
 * <p>An answer that is a label from A to I without such a choice, as when the right answer was the refusal, gives an item that is not
 * {@link QaItem#matched}. An answer of any other kind that fits no choice is an error.
 */
public final class QaForms {
    private static final Pattern LABELLED = Pattern.compile(
            "(?:[-*•]\\s*)?(?:\\(([A-Ia-i])\\)|([A-Ia-i])\\)|([A-I])[.:](?=\\s))\\s*(\\S.*)", Pattern.DOTALL);
    private static final Pattern LABEL = Pattern.compile("\\(?([A-Ia-i])[).:]?");
    private static final Pattern REFUSAL = Pattern.compile("(?:it )?can(?: ?not|['’]t) (?:be )?(?:answer|determine|tell|told)(?:e?d)?"
            + "(?: (?:(?:this|the) question|it|this))?(?: (?:based on|from|by) the (?:caption|description|image|picture|text|video))?"
            + "(?: alone)?\\.?");
    private static final int FIRST_REFUSAL = 'E' - 'A';
    private static final int LAST_REFUSAL = 'F' - 'A';

    private QaForms() {
    }

    /** A choice as it stands in the data; the label is -1 where there is none. */
    private record Choice(int label, String text) {
    }

    /**
     * Reads choices of a list.
     *
     * @throws IllegalArgumentException with what is wrong and how to mend it
     */
    public static QaItem read(String question, List<String> choices, String answer) {
        List<Choice> read = choices.stream().map(QaForms::choice).toList();
        boolean labels = labelled(question, choices, read);
        List<Choice> kept = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < read.size(); i++) {
            Choice c = labels ? read.get(i) : new Choice(i, choices.get(i).strip());
            if (c.label() >= FIRST_REFUSAL && c.label() <= LAST_REFUSAL && isRefusal(c.text())) {
                next = c.label() + 1;
                continue;
            }
            if (labels && c.label() != next) {
                throw new IllegalArgumentException("choice " + (i + 1) + " of question '" + question + "' is '" + choices.get(i)
                        + "'; expected '" + QaItem.letter(next) + ") text', labels in the order A) B) C) …");
            }
            if (c.text().isEmpty()) {
                throw new IllegalArgumentException("choice " + (i + 1) + " of question '" + question + "' is empty; write its text");
            }
            next++;
            kept.add(c);
        }
        return new QaItem(question.strip(), kept.stream().map(Choice::text).toList(), right(question, kept, labels, answer));
    }

    /**
     * Reads choices of a text with a line a choice; blank lines are let be.
     *
     * @throws IllegalArgumentException with what is wrong and how to mend it
     */
    public static QaItem read(String question, String choices, String answer) {
        return read(question, choices.lines().filter(line -> !line.isBlank()).toList(), answer);
    }

    /**
     * Reads a question that brings its choices with it, a labelled line each, after the question's own lines.
     *
     * @throws IllegalArgumentException with what is wrong and how to mend it
     */
    public static QaItem read(String questionAndChoices, String answer) {
        List<String> lines = questionAndChoices.lines().filter(line -> !line.isBlank()).toList();
        int first = IntStream.range(1, Math.max(1, lines.size())).filter(i -> choice(lines.get(i)).label() == 0).findFirst().orElse(-1);
        if (first < 0) {
            throw new IllegalArgumentException("question '" + questionAndChoices.strip() + "' has no choices; give them in 'choices', or "
                    + "below the question in lines such as '   - A) red'");
        }
        return read(String.join("\n", lines.subList(0, first)), lines.subList(first, lines.size()), answer);
    }

    /** Whether a choice says that the question can't be answered. */
    static boolean isRefusal(String text) {
        return REFUSAL.matcher(text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT)).matches();
    }

    private static Choice choice(String text) {
        Matcher m = LABELLED.matcher(text.strip());
        if (!m.matches()) {
            return new Choice(-1, text.strip());
        }
        String label = m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3);
        return new Choice(Character.toUpperCase(label.charAt(0)) - 'A', m.group(4).strip());
    }

    private static boolean labelled(String question, List<String> choices, List<Choice> read) {
        long labels = read.stream().filter(c -> c.label() >= 0).count();
        if (labels > 0 && labels < read.size()) {
            throw new IllegalArgumentException("of the choices of question '" + question + "', " + labels + " have a label and "
                    + (read.size() - labels) + " have none: " + choices + "; label all as in 'A) red', or none");
        }
        return labels > 0;
    }

    private static int right(String question, List<Choice> kept, boolean labels, String answer) {
        String given = answer.strip();
        List<Integer> sameText = IntStream.range(0, kept.size()).filter(i -> kept.get(i).text().equals(given)).boxed().toList();
        Matcher label = LABEL.matcher(given);
        if (label.matches()) {
            int letter = Character.toUpperCase(label.group(1).charAt(0)) - 'A';
            int at = at(kept, letter);
            if (!labels && sameText.size() == 1 && sameText.getFirst() != at) {
                throw new IllegalArgumentException("question '" + question + "' has the answer '" + given + "', which is the label of one "
                        + "choice and the text of another; label the choices as in 'A) " + kept.getFirst().text() + "'");
            }
            return at >= 0 ? at : unmatched(question, kept, letter);
        }
        if (sameText.size() == 1) {
            return sameText.getFirst();
        }
        Choice both = choice(given);
        if (both.label() >= 0) {
            int at = at(kept, both.label());
            if (at >= 0 && kept.get(at).text().equals(both.text())) {
                return at;
            }
            if (at < 0 && isRefusal(both.text())) {
                return unmatched(question, kept, both.label());
            }
        }
        List<Integer> nearly = IntStream.range(0, kept.size()).filter(i -> kept.get(i).text().equalsIgnoreCase(given)).boxed().toList();
        if (nearly.size() == 1) {
            return nearly.getFirst();
        }
        throw new IllegalArgumentException("question '" + question + "' has no right answer: 'answer' is '" + answer
                + "'; expected one letter of " + letters(kept.size()) + ", or the text of a choice");
    }

    private static int at(List<Choice> kept, int label) {
        return IntStream.range(0, kept.size()).filter(i -> kept.get(i).label() == label).findFirst().orElse(-1);
    }

    /** A letter of the data that no choice has keeps its meaning only if no choice gets that letter now. */
    private static int unmatched(String question, List<Choice> kept, int letter) {
        if (letter < kept.size()) {
            throw new IllegalArgumentException("question '" + question + "' has the right answer " + QaItem.letter(letter)
                    + ", a refusal with a choice behind it; put the refusal last");
        }
        return letter;
    }

    private static String letters(int choices) {
        return choices < QaItem.MIN_CHOICES ? "its choices (which are fewer than " + QaItem.MIN_CHOICES + ")"
                : "A to " + QaItem.letter(choices - 1);
    }
}
