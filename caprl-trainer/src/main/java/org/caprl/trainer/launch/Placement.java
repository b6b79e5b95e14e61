package org.caprl.trainer.launch;

import org.caprl.core.InputException;

/** Where the parts of a run are: it opens them there, again and again if the run loses its trainer. */
public interface Placement extends AutoCloseable {
    /** What computes, and why, in whole lines; printed before the plan of the batches. */
    String reason();

    /** What the run takes of the machines, in whole lines; printed after the plan of the batches. No weights are loaded for it. */
    String plan(RunInputs inputs);

    /**
     * Opens all parts, with the weights that the configuration names.
     *
     * @throws InputException if models can't be loaded, or a machine lacks what they need
     */
    TrainingParts open(RunInputs inputs);

    @Override
    void close();
}
