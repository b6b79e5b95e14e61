package org.caprl.core.data.synth;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Colours that stay apart from each other and from the muted backgrounds. */
public enum Colour {
    RED(0xDC1E1E), GREEN(0x19A52D), BLUE(0x1E46E6), YELLOW(0xFFE61E), PURPLE(0xBE32C8), ORANGE(0xFF8200), WHITE(0xFFFFFF), BLACK(0x000000);

    /** The words of all colours. */
    public static final List<String> WORDS = Arrays.stream(values()).map(Colour::word).toList();

    private final int rgb;

    Colour(int rgb) {
        this.rgb = rgb;
    }

    /** 0xRRGGBB. */
    public int rgb() {
        return rgb;
    }

    /** The word of captions and questions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
