package org.caprl.core.model.qwen25vl;

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

/** {@code Qwen2_5_VLForConditionalGeneration}. */
public final class Qwen25Vl extends QwenVl {
    /** {@code model_type}. */
    public static final String FAMILY = "qwen2_5_vl";

    /** {@code Qwen2_5_VLTextConfig}; it has no {@code head_dim}, but the attention takes one that a file gives. */
    private static final String TEXT_DEFAULTS = """
            {"vocab_size": 152064, "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 80, "num_attention_heads": 64,
             "num_key_value_heads": 8, "head_dim": null, "hidden_act": "silu", "max_position_embeddings": 32768, "rms_norm_eps": 1e-5,
             "tie_word_embeddings": false, "pad_token_id": null, "use_sliding_window": false, "rope_theta": 1000000.0}
            """;
    /** {@code Qwen2_5_VLConfig}. */
    private static final String DEFAULTS = """
            {"image_token_id": 151655, "tie_word_embeddings": false}
            """;
    private static final int[] SECTIONS = {16, 24, 24};

    private final VisionConfig vision;
    private final VisionTower tower;

    private Qwen25Vl(VisionConfig vision, TextConfig text, int imageToken, Params params) {
        super(FAMILY, text, vision.shape(), imageToken, params);
        this.vision = vision;
        this.tower = new VisionTower(vision, params);
    }

    /** The model that a config describes. */
    public static Qwen25Vl of(ConfigNode config, Params params) {
        return new Qwen25Vl(VisionConfig.of(config.requiredChild("vision_config")), text(config),
                config.withDefaults(DEFAULTS).integer("image_token_id"), params);
    }

    /**
     * Text numbers are nested in {@code text_config}, or flat beside {@code vision_config} in older files. Either place may say that the
     * head is tied.
     */
    static TextConfig text(ConfigNode config) {
        ConfigNode nested = config.child("text_config");
        TextConfig text = TextConfigs.read((nested == null ? config : nested).withDefaults(TEXT_DEFAULTS),
                (c, headDim, maxPositions) -> RopeConfigs.sections(c, headDim, SECTIONS)).withQkvBias();
        return text.withTied(text.tied() || config.withDefaults(DEFAULTS).flag("tie_word_embeddings"));
    }

    /** The image processor of a folder, with the defaults of its class where there is no file of it. */
    public static ImageProcessor images(ConfigNode config, Path folder) {
        return images(VisionConfig.of(config.requiredChild("vision_config")).shape(), folder);
    }

    @Override
    protected Seen see(Pass pass, List<ImageInput> images) {
        return new Seen(tower.forward(pass, images), List.of());
    }

    /** The window order of these images, for comparison with golden data: {@code window_index}, then {@code cu_window_seqlens}. */
    public int[][] windowOrder(List<ImageInput> images) {
        WindowOrder order = WindowOrder.of(images, vision);
        return new int[][] {order.groupOrder(), order.windowEnds()};
    }
}
