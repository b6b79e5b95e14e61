package org.caprl.trainer.launch;

import java.nio.file.Path;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;

/**
 * A model with its processor, from one folder.
 *
 * @param folder where both came from
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
        Processor processor = Processor.load(folder);
        try {
            return new LoadedModel(folder, Models.load(folder, ops, type), processor);
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
