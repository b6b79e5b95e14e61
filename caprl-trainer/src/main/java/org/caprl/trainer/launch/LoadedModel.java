package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.caprl.core.InputException;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.AdapterFolder;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;

/**
 * A model with its processor, from one folder.
 *
 * @param folder that was asked for: a model, or adapters of one
 * @param model weights and layers
 * @param processor tokenizer, template, images
 */
public record LoadedModel(Path folder, CausalLm model, Processor processor) implements AutoCloseable {
    /** Loads both, the weights in float32. */
    public static LoadedModel load(Path folder, TensorOps ops) {
        return load(folder, ops, WeightType.FLOAT32);
    }

    /** Loads both. @param type of the weights in memory */
    public static LoadedModel load(Path folder, TensorOps ops, WeightType type) {
        return load(folder, Models.base(folder), () -> Models.load(folder, ops, type));
    }

    /** The processor, and the model without its numbers. */
    static LoadedModel outline(Path folder, TensorOps ops, WeightType type) {
        return load(folder, Models.base(folder), () -> Models.outline(folder, ops, type));
    }

    /**
     * Loads both for training.
     *
     * @param type of the weights in memory
     * @param adapters to train in place of the weights; null to train the weights
     * @param key of the folder, for errors
     * @throws InputException also if the folder holds adapters
     */
    public static LoadedModel toTrain(Path folder, TensorOps ops, WeightType type, Adapters adapters, String key) {
        requirePlain(folder, key);
        return load(folder, folder, () -> Models.load(folder, ops, type, adapters));
    }

    /** @throws InputException if the folder, which {@code key} names, holds adapters: training begins from plain weights */
    static void requirePlain(Path folder, String key) {
        if (AdapterFolder.isAt(folder)) {
            throw new InputException(key + " " + folder + " holds adapters of " + Models.base(folder) + ", and training begins from plain "
                    + "weights; merge them first: caprl export --model " + folder + " --out DIR");
        }
    }

    private static LoadedModel load(Path folder, Path files, Supplier<CausalLm> model) {
        Processor processor = Processor.load(files);
        try {
            return new LoadedModel(folder, model.get(), processor);
        } catch (RuntimeException e) {
            processor.close();
            throw e;
        }
    }

    @Override
    public void close() {
        model.close();
        processor.close();
    }
}
