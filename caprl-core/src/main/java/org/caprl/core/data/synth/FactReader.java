package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.data.Fact;

/**
 * Finds the facts that a text states, in the grammar of {@link CaptionWriter}. Anything else in the text states nothing; what is said
 * twice is one fact; what contradicts itself is several.
 */
public final class FactReader {
    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{M}]+|\\p{Nd}+|[^\\s\\p{L}\\p{M}\\p{Nd}]");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private final List<String> tokens = new ArrayList<>();
    private final Set<Fact> facts = new LinkedHashSet<>();

    private FactReader(String text) {
        Matcher matcher = TOKEN.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
    }

    /** The facts stated, in the order of the text. */
    public static Set<Fact> read(String caption) {
        FactReader reader = new FactReader(caption);
        for (int i = 0; i < reader.tokens.size(); i++) {
            if (Shape.WORDS.contains(reader.token(i))) {
                reader.object(i);
            } else if (ChartScene.LABELS.contains(reader.token(i)) && reader.token(i + 1).equals("is")) {
                reader.number(reader.token(i), "value", reader.token(i + 2));
            } else if (reader.token(i).startsWith("object") && reader.token(i - 3).equals("there")) {
                reader.number(ObjectScene.COUNTED, "count", reader.token(i - 1));
            } else if ((reader.token(i).equals("highest") || reader.token(i).equals("lowest")) && reader.token(i + 1).equals("is")
                    && ChartScene.LABELS.contains(reader.token(i + 2))) {
                reader.facts.add(new Fact(ChartScene.CHART, reader.token(i), reader.token(i + 2)));
            }
        }
        return reader.facts;
    }

    /** Size and colour words directly before the shape, a place after it. */
    private void object(int at) {
        String shape = token(at);
        int first = at;
        while (ObjectSize.WORDS.contains(token(first - 1)) || Colour.WORDS.contains(token(first - 1))) {
            first--;
        }
        for (int i = first; i < at; i++) {
            facts.add(new Fact(shape, ObjectSize.WORDS.contains(token(i)) ? "size" : "colour", token(i)));
        }
        int next = token(at + 1).equals("is") ? at + 2 : at + 1;
        if (token(next).equals("at") && token(next + 1).equals("the")) {
            String two = token(next + 2) + " " + token(next + 3);
            String place = Place.WORDS.contains(two) ? two : token(next + 2);
            if (Place.WORDS.contains(place)) {
                facts.add(new Fact(shape, "place", place));
            }
        }
    }

    private void number(String subject, String attribute, String token) {
        if (NUMBER.matcher(token).matches()) {
            facts.add(new Fact(subject, attribute, String.valueOf(Integer.parseInt(token))));
        }
    }

    /** The token there, or an empty text outside of the caption. */
    private String token(int at) {
        return at < 0 || at >= tokens.size() ? "" : tokens.get(at);
    }
}
