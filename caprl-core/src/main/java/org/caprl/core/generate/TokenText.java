package org.caprl.core.generate;

/** The tokenizer as far as stop strings need it. */
@FunctionalInterface
public interface TokenText {
    /** For generation without stop strings and stop rules, which then needs no tokenizer. */
    TokenText NONE = (ids, from, to) -> {
        throw new IllegalStateException("a stop string or stop rule was asked for, but the generator was made without a tokenizer");
    };

    /** The text of {@code ids[from … to)}; a character that these tokens hold only in part becomes U+FFFD. */
    String text(int[] ids, int from, int to);
}
