package org.caprl.core.parity;

import java.util.Locale;

/** What became of a comparison. */
public enum Verdict {
    /** Within the tolerance. */
    PASS,
    /** Beyond it, not finite, or not computable. */
    FAIL,
    /** This version does not compute such a model. */
    UNSUPPORTED;

    /** The name that reports use. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
