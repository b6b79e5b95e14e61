package org.caprl.core.data;

/** What a reader does with a row that it can't use. */
public enum BadRows {
    /** Stop with an error that names the row, what is wrong and its cure. */
    FAIL,
    /** Leave the row out, count it, and keep the reason of the first. */
    SKIP
}
