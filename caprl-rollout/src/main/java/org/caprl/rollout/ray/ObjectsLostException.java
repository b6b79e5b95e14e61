package org.caprl.rollout.ray;

/** What an actor was to read is no longer in the object store: who made it, or the node that held it, is gone. */
public final class ObjectsLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names the actor, and says what Ray says */
    public ObjectsLostException(String message) {
        super(message);
    }
}
