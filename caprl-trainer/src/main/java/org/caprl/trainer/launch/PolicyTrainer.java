package org.caprl.trainer.launch;

import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.GroupUpdate;

/**
 * Holds the policy that learns with its optimizer, in this JVM or elsewhere. Every method may throw {@link TrainerLostException}: weights
 * and moments are gone, and the run goes on from its newest checkpoint with a trainer that is opened anew.
 */
public interface PolicyTrainer extends GroupUpdate, AutoCloseable {
    /**
     * Checks before training that checkpoints of this policy can be written into the run.
     *
     * @throws InputException if the folder can't be reached from where the policy is
     * @throws RunStoppedException if there is no space
     */
    void check(RunDirectory directory);

    /**
     * Writes the content of a checkpoint.
     *
     * @param folder exists and is empty, on the disk of this JVM
     * @param state where the run stands
     */
    void write(Path folder, TrainState state);

    /** Takes weights, moments and count of updates from a checkpoint, to the bit. @throws InputException if it is of another model */
    void restore(Checkpoint checkpoint);

    /** Updates made so far. */
    int optimizerSteps();

    /** Puts the memory of where the policy is: the most that each owner had since the last call. */
    void memory(StepMetrics.Builder metrics);

    @Override
    void close();
}
