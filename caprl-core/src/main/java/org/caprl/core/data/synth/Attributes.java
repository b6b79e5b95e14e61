package org.caprl.core.data.synth;

import java.util.List;
import java.util.stream.IntStream;

/** Which values an attribute of a fact can have. */
final class Attributes {
    private static final List<String> COUNTS = numbers(ObjectScene.MAX_OBJECTS);
    private static final List<String> VALUES = numbers(ChartScene.MAX_VALUE);

    private Attributes() {
    }

    static List<String> values(String attribute) {
        return switch (attribute) {
            case "colour" -> Colour.WORDS;
            case "size" -> ObjectSize.WORDS;
            case "place" -> Place.WORDS;
            case "count" -> COUNTS;
            case "value" -> VALUES;
            case "highest", "lowest" -> ChartScene.LABELS;
            default -> throw new IllegalArgumentException("no attribute '" + attribute + "' in this world");
        };
    }

    private static List<String> numbers(int max) {
        return IntStream.rangeClosed(1, max).mapToObj(String::valueOf).toList();
    }
}
