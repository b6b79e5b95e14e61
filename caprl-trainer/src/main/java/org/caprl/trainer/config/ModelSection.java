package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;

/**
 * A model to start from.
 *
 * @param path its folder
 * @param dtype of the weights in memory
 */
public record ModelSection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template.") @FileMustExist Path path,
        @Key(doc = "Type of the weights in memory; other types are converted when the model is loaded.", defaultValue = "float32",
                choices = "float32") String dtype) {
}
