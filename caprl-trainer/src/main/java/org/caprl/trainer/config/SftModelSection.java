package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;

/**
 * What supervised training starts from.
 *
 * @param path folder of the model
 * @param weights where its weights come from
 */
public record SftModelSection(
        @Key(doc = "Folder in Hugging Face format. With `weights: random` it needs no safetensors.") @FileMustExist Path path,
        @Key(doc = "`load` the folder's weights, or draw `random` ones by `seed` and the shapes of config.json.", defaultValue = "load")
        InitialWeights weights) {
    /** Where weights come from. */
    public enum InitialWeights {
        /** From the folder's safetensors. */
        LOAD,
        /** Drawn. */
        RANDOM
    }
}
