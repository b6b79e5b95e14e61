package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.ModelSize;

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

    /** What memory estimates need. */
    public ModelSize size() {
        CausalLm.TextShape s = model.shape();
        JsonNode config;
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            config = checkpoint.config();
        }
        int inner = config.path("intermediate_size").asInt(config.path("text_config").path("intermediate_size").asInt(4 * s.hidden()));
        return new ModelSize(model.params().count(), s.layers(), s.hidden(), inner, s.kvWidth(), s.vocab());
    }

    @Override
    public void close() {
        model.close();
        processor.close();
    }
}
