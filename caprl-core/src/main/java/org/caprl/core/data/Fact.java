package org.caprl.core.data;

import java.util.regex.Pattern;

/**
 * One true statement about an image: the circle's colour is red, the value of tea is 4.
 *
 * <p>Its text form, in which rows hold it, is {@code subject attribute value}, for instance {@code circle place top left}: the first two
 * are single words, the value is the rest.
 *
 * @param subject   what it is about, one word
 * @param attribute which property, one word
 * @param value     one or more words
 */
public record Fact(String subject, String attribute, String value) implements Comparable<Fact> {
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final Pattern WORDS = Pattern.compile("\\S+( \\S+)*");

    /** @throws IllegalArgumentException if a part is empty or would not survive the text form */
    public Fact {
        if (!WORD.matcher(subject).matches() || !WORD.matcher(attribute).matches() || !WORDS.matcher(value).matches()) {
            throw new IllegalArgumentException("a fact is 'subject attribute value' (one word, one word, words), got '"
                    + subject + "', '" + attribute + "', '" + value + "'");
        }
    }

    /** Reads the text form. @throws IllegalArgumentException if it has fewer than three words */
    public static Fact parse(String text) {
        String[] parts = text.strip().split(" ", 3);
        if (parts.length < 3) {
            throw new IllegalArgumentException("a fact is 'subject attribute value', got '" + text + "'");
        }
        return new Fact(parts[0], parts[1], parts[2]);
    }

    /** The text form. */
    public String text() {
        return subject + " " + attribute + " " + value;
    }

    @Override
    public int compareTo(Fact other) {
        return text().compareTo(other.text());
    }

    @Override
    public String toString() {
        return text();
    }
}
