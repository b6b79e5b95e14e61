package org.caprl.core.data.synth;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an object is: filled, one colour. */
public enum Shape {
    CIRCLE, SQUARE, TRIANGLE, STAR, CROSS, RING;

    /** The words of all shapes. */
    public static final List<String> WORDS = Arrays.stream(values()).map(Shape::word).toList();

    /** The word of captions and questions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
