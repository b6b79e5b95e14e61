package org.caprl.core.generate;

/** Ends a caption by what it says, beside stop strings: the answerer, for instance, stops at its first option letter. */
@FunctionalInterface
public interface StopRule {
    /** Never stops. */
    StopRule NONE = text -> false;

    /**
     * Whether to stop after this text.
     *
     * @param text everything generated so far, decoded; a character that is not complete yet may stand at its end as U+FFFD
     */
    boolean stops(CharSequence text);
}
