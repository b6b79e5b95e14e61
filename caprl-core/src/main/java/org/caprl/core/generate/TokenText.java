package org.caprl.core.generate;

import java.util.Arrays;
import org.caprl.core.text.BpeTokenizer;

/** The tokenizer as far as stop strings need it. */
@FunctionalInterface
public interface TokenText {
    /** For generation without stop strings and stop rules, which then needs no tokenizer. */
    TokenText NONE = (ids, from, to) -> {
        throw new IllegalStateException("a stop string or stop rule was asked for, but the generator was made without a tokenizer");
    };

    /** The tokenizer's text, special tokens included, so that they can be stop strings. */
    static TokenText of(BpeTokenizer tokenizer) {
        return (ids, from, to) -> tokenizer.decode(Arrays.copyOfRange(ids, from, to), false);
    }

    /** The text of {@code ids[from … to)}; a character that these tokens hold only in part becomes U+FFFD. */
    String text(int[] ids, int from, int to);
}
