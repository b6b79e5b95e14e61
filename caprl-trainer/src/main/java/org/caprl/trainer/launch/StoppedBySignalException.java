package org.caprl.trainer.launch;

/** A run ended in order because of a signal. The message says what is saved; the process ends with 128 and the signal's number. */
public final class StoppedBySignalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int signal;

    StoppedBySignalException(int signal, String message) {
        super(message);
        this.signal = signal;
    }

    /** The signal's number: 2 for Ctrl-C, 15 for SIGTERM. */
    public int signal() {
        return signal;
    }
}
