package org.caprl.core.parity;

/** Measures one quantity. */
interface Check {
    Quantity quantity();

    /** Whether the files of the case hold golden data of this quantity. */
    boolean applies(GoldenCase golden);

    /** @throws org.caprl.core.InputException when it can't be computed, which is a failure of the quantity */
    Finding measure(CaseRun run);
}
