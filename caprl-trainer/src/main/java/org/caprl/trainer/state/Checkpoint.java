package org.caprl.trainer.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.checkpoint.SafeTensorsWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.AdapterFolder;
import org.caprl.core.model.load.ModelSaver;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.Tensor;
import org.caprl.trainer.update.AdamW;

/**
 * A saved step: a Hugging Face folder that {@code transformers} loads, or where adapters are trained a folder of them that peft loads, and
 * in it {@code train_state/} with what training needs to go on.
 *
 * @param folder {@code checkpoints/step-N}
 * @param state where the run stood
 */
public record Checkpoint(Path folder, TrainState state) {
    private static final String STATE_FOLDER = "train_state";
    private static final String STATE = "state.json";
    private static final String OPTIMIZER = "optimizer.safetensors";
    /** The names that {@code torch.optim.AdamW} has for its moments. */
    private static final String FIRST = ".exp_avg";
    private static final String SECOND = ".exp_avg_sq";

    /** Opens a saved step; weights and moments are read by {@link #restore}. @throws InputException if it is incomplete */
    public static Checkpoint open(Path folder) {
        try {
            return new Checkpoint(folder, TrainState.read(folder.resolve(STATE_FOLDER).resolve(STATE)));
        } catch (InputException e) {
            throw new InputException(e.getMessage() + "; remove the damaged checkpoint " + folder
                    + " to go on from the one before it", e);
        }
    }

    /** Bytes of a checkpoint's weights and moments. */
    public static long bytes(CausalLm policy) {
        return 3 * Float.BYTES * policy.params().trainableCount();
    }

    /**
     * Writes a checkpoint into an existing empty folder.
     *
     * @param source the Hugging Face folder that the policy was loaded from
     */
    public static void write(Path folder, TrainState state, CausalLm policy, Path source, AdamW optimizer) {
        if (policy.params().lora() == null) {
            ModelSaver.save(policy, source, folder);
        } else {
            AdapterFolder.save(policy, source, folder);
        }
        Path stateFolder = folder.resolve(STATE_FOLDER);
        try {
            Files.createDirectory(stateFolder);
        } catch (IOException e) {
            throw DiskFailure.writing(stateFolder, e);
        }
        List<StoredTensor> moments = new ArrayList<>();
        optimizer.moments().forEach((name, m) -> {
            moments.add(stored(name + FIRST, m.first()));
            moments.add(stored(name + SECOND, m.second()));
        });
        SafeTensorsWriter.write(stateFolder.resolve(OPTIMIZER), moments);
        state.write(stateFolder.resolve(STATE));
    }

    private static StoredTensor stored(String name, Tensor moment) {
        return new StoredTensor(name, StoredType.F32, shape(moment), moment.toHost());
    }

    private static long[] shape(Tensor tensor) {
        return Arrays.stream(tensor.shape()).asLongStream().toArray();
    }

    /**
     * Puts weights, moments and the count of updates back, in place and to the bit.
     *
     * @param policy the model that was saved
     * @param optimizer of that model
     * @throws InputException if a tensor is missing or of another shape
     */
    public void restore(CausalLm policy, AdamW optimizer) {
        Models.reload(policy, folder);
        try (SafeTensorsFile file = SafeTensorsFile.open(folder.resolve(STATE_FOLDER).resolve(OPTIMIZER))) {
            optimizer.moments().forEach((name, m) -> {
                fill(m.first(), file, name + FIRST);
                fill(m.second(), file, name + SECOND);
            });
        }
        optimizer.resumeAt(state.optimizerSteps());
    }

    private static void fill(Tensor moment, SafeTensorsFile file, String name) {
        long[] found = file.info(name).shape();
        if (!Arrays.equals(found, shape(moment))) {
            throw new InputException(file.path() + ": tensor '" + name + "' has shape " + Arrays.toString(found) + ", but the model's is "
                    + Arrays.toString(shape(moment)) + "; the checkpoint is of another model: start a new run");
        }
        moment.write(elements -> file.copyFloats(name, elements));
    }
}
