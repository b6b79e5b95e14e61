package org.caprl.reward.qa;

/** What becomes of a question whose right answer is not among its options, see {@link org.caprl.core.data.QaItem#matched}. */
public enum Unmatched {
    /** It is asked in the order of the data. Only its label is right, so where that is F, a refusal. As the published code has it. */
    KEEP,
    /** It is not asked. */
    DROP
}
