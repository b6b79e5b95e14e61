package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * A model to start from.
 *
 * @param path its folder
 * @param dtype of the weights in memory
 * @param lora adapters to train in place of the weights
 */
public record ModelSection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template.") @FileMustExist Path path,
        @Key(doc = "Type of the weights in memory; other types are converted when the model is loaded. `bfloat16` is for weights "
                + "that `lora` freezes.", defaultValue = "float32") WeightType dtype,
        @Key(doc = "Trains low-rank adapters and freezes the weights. The output is a folder of adapters in peft's format.")
        Optional<LoraSection> lora) {
    /** @throws IllegalArgumentException if bfloat16 weights were to be trained */
    public ModelSection {
        if (dtype == WeightType.BFLOAT16 && lora.isEmpty()) {
            throw new IllegalArgumentException("dtype is bfloat16 and there is no lora section: weights are trained in float32; "
                    + "leave dtype out, or add lora");
        }
    }
}
