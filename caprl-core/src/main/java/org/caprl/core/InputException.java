package org.caprl.core;

/**
 * Something a user gave (a file, a key, a value, a flag) is wrong.
 *
 * <p>The message is complete by itself: what is wrong, where, what was expected, how to mend it. The command line prints it
 * without a stack trace and ends with exit code 2.
 */
public class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with a complete message. */
    public InputException(String message) {
        super(message);
    }

    /** An error with a complete message and what caused it. */
    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
