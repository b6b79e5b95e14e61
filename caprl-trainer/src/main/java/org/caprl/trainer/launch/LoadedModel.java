package org.caprl.trainer.launch;

import java.nio.file.Path;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.TensorOps;

/**
 * A model with its processor, from one folder.
 *
 * @param folder where both came from
 * @param model weights and layers
 * @param processor tokenizer, template, images
 */
public record LoadedModel(Path folder, CausalLm model, Processor processor) implements AutoCloseable {
    /** Loads both. */
    public static LoadedModel load(Path folder, TensorOps ops) {
        Processor processor = Processor.load(folder);
        try {
            return new LoadedModel(folder, Models.load(folder, ops), processor);
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
