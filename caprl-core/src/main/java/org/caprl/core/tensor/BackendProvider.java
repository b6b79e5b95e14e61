package org.caprl.core.tensor;

/** Makes a {@link TensorOps}; found by {@link java.util.ServiceLoader}, so that nobody imports an implementation. */
public interface BackendProvider {
    /** The name that configs use: {@code cpu}, {@code nd4j}, {@code reference}. */
    String name();

    /** Higher is tried first by {@code auto}. Negative: only when asked for by name. */
    int preference();

    /** Whether the backend can start on this machine. Never throws. */
    Availability probe();

    /**
     * Starts the backend.
     *
     * @param threads how many threads it may use, at least 1
     * @throws org.caprl.core.InputException when it can't start, saying what is missing
     */
    TensorOps create(int threads);

    /**
     * What a probe found.
     *
     * @param works whether {@link #create} would succeed
     * @param reason why, or why not, in one line
     * @param cure how to mend it; empty when it works
     */
    record Availability(boolean works, String reason, String cure) {
    }
}
