package org.caprl.core.model.qwen3vl;

import java.nio.file.Path;
import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.RopeConfigs;
import org.caprl.core.model.config.TextConfigs;
import org.caprl.core.model.qwenvl.QwenVl;
import org.caprl.core.nn.Params;

/** {@code Qwen3VLForConditionalGeneration}. */
public final class Qwen3Vl extends QwenVl {
    /** {@code model_type}. */
    public static final String FAMILY = "qwen3_vl";

    /** {@code Qwen3VLTextConfig}. */
    private static final String TEXT_DEFAULTS = """
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32, "num_attention_heads": 32,
             "num_key_value_heads": 32, "head_dim": 128, "hidden_act": "silu", "max_position_embeddings": 128000, "rms_norm_eps": 1e-6,
             "pad_token_id": null, "attention_bias": false, "rope_theta": 500000.0}
            """;
    /** {@code Qwen3VLConfig}. */
    private static final String DEFAULTS = """
            {"image_token_id": 151655, "tie_word_embeddings": false}
            """;
    private static final int[] SECTIONS = {24, 20, 20};

    private final VisionTower tower;

    private Qwen3Vl(VisionConfig vision, TextConfig text, int imageToken, Params params) {
        super(FAMILY, text, vision.shape(), imageToken, params);
        this.tower = new VisionTower(vision, params);
    }

    /** The model that a config describes. */
    public static Qwen3Vl of(ConfigNode config, Params params) {
        return new Qwen3Vl(VisionConfig.of(config.requiredChild("vision_config")), text(config),
                config.withDefaults(DEFAULTS).integer("image_token_id"), params);
    }

    static TextConfig text(ConfigNode config) {
        return TextConfigs.read(config.requiredChild("text_config").withDefaults(TEXT_DEFAULTS),
                (c, headDim, maxPositions) -> RopeConfigs.interleaved(c, headDim, SECTIONS)).withHeadNorms()
                .withTied(config.withDefaults(DEFAULTS).flag("tie_word_embeddings"));
    }

    /** The image processor of a folder, with the defaults of its class where there is no file of it. */
    public static ImageProcessor images(ConfigNode config, Path folder) {
        return images(VisionConfig.of(config.requiredChild("vision_config")).shape(), folder);
    }

    @Override
    protected Seen see(Pass pass, List<ImageInput> images) {
        return tower.forward(pass, images);
    }
}
