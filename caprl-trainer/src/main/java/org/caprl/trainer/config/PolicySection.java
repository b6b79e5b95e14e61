package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * The model that learns.
 *
 * @param path its folder
 * @param dtype of the weights that captions are sampled with
 * @param lora adapters to train in place of the weights
 */
public record PolicySection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template.") @FileMustExist Path path,
        @Key(doc = "Type of the weights that captions are sampled with. Without `lora`, training is in float32; `bfloat16` adds a rounded "
                + "copy of half the size for sampling, and the reference of a KL term is rounded too; `logprob_gap` then shows what "
                + "rounding does. With `lora`, type of the frozen weights, which serve training, sampling and the reference alike.",
                defaultValue = "float32") WeightType dtype,
        @Key(doc = "Trains low-rank adapters and freezes the weights. Checkpoints hold the adapters alone, in peft's format.")
        Optional<LoraSection> lora) {
}
