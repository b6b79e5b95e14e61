package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * The frozen model that answers questions.
 *
 * @param path its folder
 * @param dtype of the weights in memory
 * @param template its user turn
 */
public record AnswererSection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template.") @FileMustExist Path path,
        @Key(doc = "Type of the weights in memory; other types are converted when the model is loaded. `bfloat16` takes half the memory "
                + "and computes in float32.", defaultValue = "float32") WeightType dtype,
        @Key(doc = "What the answerer is told: `default` (instructions and two worked examples, for instruction-tuned models), `short` "
                + "(caption and question alone, for small answerers trained on that), or a text file with the places `{caption}` and "
                + "`{question}`.", defaultValue = "default") String template) {
}
