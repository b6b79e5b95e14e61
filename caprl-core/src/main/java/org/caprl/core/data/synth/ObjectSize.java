package org.caprl.core.data.synth;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How big an object is drawn. */
public enum ObjectSize {
    SMALL(12, 14), LARGE(22, 24);

    /** The words of all sizes. */
    public static final List<String> WORDS = Arrays.stream(values()).map(ObjectSize::word).toList();

    private final int fromPixels;
    private final int toPixels;

    ObjectSize(int fromPixels, int toPixels) {
        this.fromPixels = fromPixels;
        this.toPixels = toPixels;
    }

    /** The smallest diameter in pixels. */
    public int fromPixels() {
        return fromPixels;
    }

    /** The largest diameter in pixels. */
    public int toPixels() {
        return toPixels;
    }

    /** The word of captions and questions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
