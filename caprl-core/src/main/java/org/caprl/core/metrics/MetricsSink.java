package org.caprl.core.metrics;

/** Where the numbers of a run go. */
public interface MetricsSink extends AutoCloseable {
    /**
     * Takes the numbers of a step.
     *
     * @throws IllegalArgumentException if the step does not come after those before
     * @throws org.caprl.core.RunStoppedException if they can't be kept (disk full)
     */
    void append(StepMetrics metrics);

    /** Returns when everything appended survives a crash of the machine. */
    void force();

    @Override
    void close();
}
