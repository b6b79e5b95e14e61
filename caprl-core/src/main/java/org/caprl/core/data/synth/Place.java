package org.caprl.core.data.synth;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A cell of the 3 x 3 grid, in reading order. */
public enum Place {
    TOP_LEFT, TOP, TOP_RIGHT, LEFT, CENTER, RIGHT, BOTTOM_LEFT, BOTTOM, BOTTOM_RIGHT;

    /** The words of all places. */
    public static final List<String> WORDS = Arrays.stream(values()).map(Place::word).toList();

    /** 0 is the upper row. */
    public int row() {
        return ordinal() / 3;
    }

    /** 0 is the left column. */
    public int column() {
        return ordinal() % 3;
    }

    /** The words of captions and questions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
