package org.caprl.rollout.pool;

/** A writer died, or gives no sign of life. What it had in hand is lost with it. */
public final class WriterLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names the writer with its node, and says why it is taken for lost */
    public WriterLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
