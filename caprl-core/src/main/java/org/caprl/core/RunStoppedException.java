package org.caprl.core;

/**
 * A run stopped by itself: the numbers went wrong (NaN), too much could not be scored, or the disk refused.
 *
 * <p>The message is complete by itself and says what state is safe on disk. The command line ends with exit code 3.
 */
public class RunStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A stop with a complete message. */
    public RunStoppedException(String message) {
        super(message);
    }

    /** A stop with a complete message and what caused it. */
    public RunStoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
