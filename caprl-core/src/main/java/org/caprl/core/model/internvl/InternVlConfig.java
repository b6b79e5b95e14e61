package org.caprl.core.model.internvl;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.llama.Llama;
import org.caprl.core.model.qwentext.QwenText;
import org.caprl.core.tensor.Gelu;

/**
 * Numbers of the whole model.
 *
 * @param vision     of the tower
 * @param text       of the decoder
 * @param names      of the weights of tower and projector
 * @param merge      side of the square of patches that becomes one text row
 * @param transposed whether the merged rows lie column by column ({@code ps_version} v1)
 * @param projector  activation of the projector
 * @param imageToken marks the places of image rows in ids
 */
public record InternVlConfig(VisionConfig vision, TextConfig text, TensorNames names, int merge, boolean transposed, Gelu projector,
        int imageToken) {
    /** {@code InternVLConfig}. */
    private static final String DEFAULTS = """
            {"image_token_id": 151667, "downsample_ratio": 0.5, "projector_hidden_act": "gelu", "vision_feature_layer": -1,
             "vision_feature_select_strategy": "default", "tie_word_embeddings": true}
            """;
    /** {@code InternVLChatConfig} of the original repositories' {@code configuration_internvl_chat.py}; the token is the tokenizer's. */
    private static final String CHAT_DEFAULTS = """
            {"image_token_id": null, "downsample_ratio": 0.5, "select_layer": -1, "ps_version": "v1", "force_image_size": null,
             "dynamic_image_size": false, "use_thumbnail": false, "min_dynamic_patch": 1, "max_dynamic_patch": 6, "pad2square": false}
            """;
    private static final String DEFAULT_TEXT = """
            {"model_type": "qwen2"}
            """;
    private static final Map<String, Function<ConfigNode, TextConfig>> TEXTS = new TreeMap<>(Map.of(
            QwenText.QWEN2, QwenText::qwen2, QwenText.QWEN3, QwenText::qwen3, Llama.FAMILY, Llama::config));

    /** The model that a config.json of transformers describes. */
    public static InternVlConfig port(ConfigNode config) {
        ConfigNode c = config.withDefaults(DEFAULTS);
        c.require("vision_feature_layer", Integer.toString(c.integer("vision_feature_layer")), "-1");
        c.require("vision_feature_select_strategy", c.text("vision_feature_select_strategy"), "default");
        ConfigNode text = config.requiredChild("text_config");
        // The top level decides; files that leave it out there are older and have it in text_config.
        ConfigNode says = c.gives("tie_word_embeddings") || !text.gives("tie_word_embeddings") ? c : text;
        return new InternVlConfig(VisionConfig.of(config.requiredChild("vision_config")),
                text(text.withDefaults(DEFAULT_TEXT)).withTied(says.flag("tie_word_embeddings")), TensorNames.PORT, merge(c), false,
                VisionConfig.activation(c, "projector_hidden_act"), c.integer("image_token_id"));
    }

    /** The model that a config.json of the original repositories describes, with the tokenizer's image token added to it. */
    public static InternVlConfig chat(ConfigNode config) {
        ConfigNode c = chatDefaults(config);
        c.require("select_layer", Integer.toString(c.integer("select_layer")), "-1");
        c.require("ps_version", c.text("ps_version"), "v1", "v2");
        return new InternVlConfig(VisionConfig.ofChat(config.requiredChild("vision_config")), text(config.requiredChild("llm_config")),
                TensorNames.CHAT, merge(c), c.text("ps_version").equals("v1"), Gelu.ERF, c.integer("image_token_id"));
    }

    static ConfigNode portDefaults(ConfigNode config) {
        return config.withDefaults(DEFAULTS);
    }

    static ConfigNode chatDefaults(ConfigNode config) {
        return config.withDefaults(CHAT_DEFAULTS);
    }

    /** The side of the square of patches that becomes one text row: 1 / {@code downsample_ratio}. */
    static int merge(ConfigNode c) {
        double side = 1 / c.number("downsample_ratio");
        if (!(side >= 1) || side != Math.rint(side)) {
            throw c.wrong("downsample_ratio", "1 over a whole number");
        }
        return (int) side;
    }

    private static TextConfig text(ConfigNode file) {
        String type = file.text("model_type");
        file.require("model_type", type, TEXTS.keySet().toArray(String[]::new));
        return TEXTS.get(type).apply(file);
    }

    /** Width of a row after pixel shuffle. */
    int shuffledWidth() {
        return vision.hidden() * merge * merge;
    }
}
