package org.caprl.rollout.ray;

/** An actor died, or gives no sign of life. */
public final class ActorLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names actor and node, and says why it is taken for lost */
    public ActorLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
