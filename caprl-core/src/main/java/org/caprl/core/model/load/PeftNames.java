package org.caprl.core.model.load;

import org.caprl.core.nn.LoraSettings;

/**
 * What layers are called in adapter files: {@code base_model.model.} and the name of the module in the class of {@code transformers},
 * which keeps the decoder of a vision-language model in {@code model.language_model} and the rest beside it in {@code model}. The class of
 * InternVL's original repositories is not of {@code transformers}: its modules are called as their weights.
 */
final class PeftNames {
    static final String PREFIX = "base_model.model.";

    private static final String TEXT = "model.language_model.";
    private static final String OLD_TEXT = "language_model.model.";
    private static final String LAYERS = "layers.";
    private static final String MODEL = "model.";

    private PeftNames() {
    }

    /** The name of a layer's module in {@code transformers}. @param nested whether it keeps the model's parts in {@code model} */
    static String module(String layer, boolean nested) {
        if (!nested) {
            return layer;
        }
        if (LoraSettings.inDecoder(layer)) {
            return TEXT + layer.substring(layer.indexOf(LAYERS));
        }
        return layer.startsWith(MODEL) ? layer : MODEL + layer;
    }

    /** One name for a layer, whether it is called as here, or as {@code transformers} does today, or as it did before version 4.52. */
    static String layer(String module) {
        if (module.startsWith(TEXT)) {
            return MODEL + module.substring(TEXT.length());
        }
        if (module.startsWith(OLD_TEXT)) {
            return MODEL + module.substring(OLD_TEXT.length());
        }
        return module.startsWith(MODEL) && !LoraSettings.inDecoder(module) ? module.substring(MODEL.length()) : module;
    }
}
