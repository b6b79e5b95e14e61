package org.caprl.trainer.recipe;

/** The run is to end, and the captions of a step were not all written and scored: the step was not made, no weight was changed by it. */
public final class StepDroppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StepDroppedException() {
        super("the run is to end");
    }

    /** Drops a step if the run is to end. */
    public static void throwIf(boolean stopping) {
        if (stopping) {
            throw new StepDroppedException();
        }
    }
}
