package org.caprl.cli;

/** What the process ends with. */
final class ExitCode {
    /** Done. */
    static final int DONE = 0;
    /** A check that was asked for failed. */
    static final int CHECK_FAILED = 1;
    /** Wrong usage, configuration or input. */
    static final int WRONG_INPUT = 2;
    /** The run stopped by itself; what is safe on disk is in the message. */
    static final int RUN_STOPPED = 3;
    /** A signal ended it, whose number is added: 130 after Ctrl-C, 143 after SIGTERM. The JVM ends so by itself, and runs do in order. */
    static final int SIGNAL = 128;
    /** A defect of this program. */
    static final int DEFECT = 70;

    private ExitCode() {
    }
}
