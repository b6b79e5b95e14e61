package org.caprl.reward;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.caprl.core.InputException;

/**
 * A text with places such as {@code {caption}}. Texts are put in as they are: a caption that contains {@code {question}} is not expanded
 * again.
 */
public final class PromptTemplate {
    private final List<String> between = new ArrayList<>();
    private final List<String> places = new ArrayList<>();

    /**
     * A template.
     *
     * @param origin where it comes from: key and value, for errors
     * @param needed places that it must have, once each
     * @param allowed places that it may have, once each
     * @throws InputException if a place is missing or named twice
     */
    public PromptTemplate(String template, String origin, List<String> needed, List<String> allowed) {
        SortedMap<Integer, String> found = new TreeMap<>();
        needed.forEach(place -> find(template, place, origin, true, found));
        allowed.forEach(place -> find(template, place, origin, false, found));
        int from = 0;
        for (Map.Entry<Integer, String> place : found.entrySet()) {
            between.add(template.substring(from, place.getKey()));
            places.add(place.getValue());
            from = place.getKey() + place.getValue().length() + 2;
        }
        between.add(template.substring(from));
    }

    private static void find(String template, String name, String origin, boolean needed, Map<Integer, String> found) {
        String place = "{" + name + "}";
        int first = template.indexOf(place);
        if (first < 0 ? needed : template.indexOf(place, first + 1) >= 0) {
            throw new InputException(origin + " must contain " + place + (needed ? " exactly once; it " : " at most once; it ")
                    + (first < 0 ? "does not" : "names it more than once"));
        }
        if (first >= 0) {
            found.put(first, name);
        }
    }

    /**
     * A UTF-8 text file; one line break at its end is dropped.
     *
     * @param key of the configuration, for errors
     * @param known what may be given in place of a path
     * @throws InputException if it can't be read
     */
    public static String read(Path file, String key, String known) {
        try {
            return withoutLastBreak(Files.readString(file));
        } catch (IOException e) {
            throw new InputException(key + ": can't read " + file + " as UTF-8 text (" + e + "); give " + known
                    + ", or the path of a template", e);
        }
    }

    /** A template of the jar, beside a class; one line break at its end is dropped. */
    public static String resource(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks its resource " + name);
            }
            return withoutLastBreak(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutLastBreak(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether it has a place. */
    public boolean has(String place) {
        return places.contains(place);
    }

    /** The text with every place filled. @param texts by place */
    public String fill(Map<String, String> texts) {
        StringBuilder filled = new StringBuilder(between.getFirst());
        for (int i = 0; i < places.size(); i++) {
            filled.append(texts.get(places.get(i))).append(between.get(i + 1));
        }
        return filled.toString();
    }
}
