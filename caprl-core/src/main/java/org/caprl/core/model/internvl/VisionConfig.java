package org.caprl.core.model.internvl;

import com.fasterxml.jackson.databind.JsonNode;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.UnsupportedModelException;
import org.caprl.core.tensor.Gelu;

/**
 * Numbers of the vision tower.
 *
 * @param depth       blocks
 * @param hidden      width
 * @param inner       width inside the MLP
 * @param heads       attention heads
 * @param channels    of a pixel
 * @param image       side of the tiles that the position embeddings were learned for, in pixels
 * @param patch       side of a patch in pixels
 * @param qkvBias     whether query, key and value projections have a bias
 * @param qkNorms     whether query and key rows are normed, over all heads together
 * @param rmsNorms    whether the norms of the blocks are root-mean-square norms, else layer norms
 * @param epsilon     of the norms of the blocks
 * @param qkEpsilon   of the query and key norms
 * @param positions   whether there are position embeddings
 * @param finalNorm   whether there is a norm after the last block
 * @param activation  of the MLPs
 */
record VisionConfig(int depth, int hidden, int inner, int heads, int channels, int image, int patch, boolean qkvBias, boolean qkNorms,
        boolean rmsNorms, float epsilon, float qkEpsilon, boolean positions, boolean finalNorm, Gelu activation) {
    /** {@code InternVLVisionConfig}. */
    private static final String DEFAULTS = """
            {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "attention_bias": false, "use_qk_norm": false,
             "intermediate_size": 4096, "hidden_act": "gelu", "norm_type": "layer_norm", "layer_norm_eps": 1e-6, "image_size": 448,
             "patch_size": 14, "num_channels": 3, "use_mask_token": false, "use_absolute_position_embeddings": true,
             "use_mean_pooling": true}
            """;
    /** {@code InternVisionConfig} of the original repositories' {@code configuration_intern_vit.py}. */
    private static final String CHAT_DEFAULTS = """
            {"hidden_size": 3200, "num_hidden_layers": 48, "num_attention_heads": 25, "qkv_bias": false, "qk_normalization": true,
             "intermediate_size": 12800, "hidden_act": "gelu", "norm_type": "rms_norm", "layer_norm_eps": 1e-6, "image_size": 224,
             "patch_size": 14, "num_channels": 3}
            """;
    /** {@code InternVLVisionRMSNorm} of queries and keys takes no epsilon from the config. */
    private static final float QK_EPSILON = 1e-6f;

    VisionConfig {
        if (hidden % heads != 0) {
            throw new UnsupportedModelException("vision_config: hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
        }
    }

    /** The tower that a {@code vision_config} of transformers describes. */
    static VisionConfig of(ConfigNode file) {
        ConfigNode c = file.withDefaults(DEFAULTS);
        if (c.flag("use_mask_token")) {
            c.require("use_mask_token", "true", "false");
        }
        return of(c, c.flag("attention_bias"), c.flag("use_qk_norm"), QK_EPSILON, c.flag("use_absolute_position_embeddings"),
                !c.flag("use_mean_pooling"));
    }

    /** The tower that a {@code vision_config} of the original repositories describes. */
    static VisionConfig ofChat(ConfigNode file) {
        ConfigNode c = file.withDefaults(CHAT_DEFAULTS);
        return of(c, c.flag("qkv_bias"), c.flag("qk_normalization"), (float) c.number("layer_norm_eps"), true, false);
    }

    private static VisionConfig of(ConfigNode c, boolean bias, boolean qkNorms, float qkEpsilon, boolean positions, boolean finalNorm) {
        c.require("norm_type", c.text("norm_type"), "layer_norm", "rms_norm");
        return new VisionConfig(c.extent("num_hidden_layers"), c.extent("hidden_size"), c.extent("intermediate_size"),
                c.extent("num_attention_heads"), c.extent("num_channels"), side(c, "image_size"), side(c, "patch_size"), bias, qkNorms,
                c.text("norm_type").equals("rms_norm"), (float) c.number("layer_norm_eps"), qkEpsilon, positions, finalNorm,
                activation(c, "hidden_act"));
    }

    /** A number, or two that are equal. */
    private static int side(ConfigNode c, String key) {
        JsonNode list = c.node().path(key);
        if (!list.isArray()) {
            return c.extent(key);
        }
        int[] sides = c.integers(key);
        if (sides.length != 2 || sides[0] != sides[1] || sides[0] < 1) {
            throw c.wrong(key, "a positive integer, or a list of two that are equal");
        }
        return sides[0];
    }

    static Gelu activation(ConfigNode c, String key) {
        String name = c.text(key);
        c.require(key, name, "gelu", "gelu_pytorch_tanh");
        return name.equals("gelu") ? Gelu.ERF : Gelu.TANH;
    }

    /** Rows of patches in the tiles that the position embeddings were learned for. */
    int grid() {
        return image / patch;
    }

    /** Columns of one head. */
    int headDim() {
        return hidden / heads;
    }
}
