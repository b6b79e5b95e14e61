package org.caprl.trainer.launch;

/** Weights and optimizer of a run are gone: their process or machine ended. The newest checkpoint is what is left of them. */
public final class TrainerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names the node, and says why it is thought to be lost */
    public TrainerLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
