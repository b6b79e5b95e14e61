package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * The model that learns.
 *
 * @param path its folder
 * @param dtype of the weights that captions are sampled with
 */
public record PolicySection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template.") @FileMustExist Path path,
        @Key(doc = "Type of the weights that captions are sampled with. Training is in float32; `bfloat16` adds a rounded copy "
                + "of half the size for sampling, and the reference of a KL term is rounded too; `logprob_gap` then shows what rounding does.", defaultValue = "float32")
                WeightType dtype) {
}
