package org.caprl.core.model.load;

import java.util.List;
import java.util.Set;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.qwen25vl.VisionConfig;
import org.caprl.core.nn.Rope;

/** Reads the numbers of the Qwen families; keys and defaults of {@code Qwen2Config} and {@code Qwen2_5_VLConfig}. */
final class QwenConfigs {
    private QwenConfigs() {
    }

    /** {@code Qwen2Config}. */
    static TextConfig qwen2(ConfigNode c) {
        return text(c, c, 22016, 4096, 151936, 10000.0);
    }

    /** {@code Qwen2_5_VLTextConfig}: nested in {@code text_config}, or flat beside {@code vision_config} in older files. */
    static TextConfig qwen25VlText(ConfigNode c) {
        ConfigNode nested = c.child("text_config");
        return text(nested == null ? c : nested, c, 29568, 8192, 152064, 1000000.0);
    }

    private static TextConfig text(ConfigNode c, ConfigNode top, int inner, int hiddenDefault, int vocab, double theta) {
        c.require("hidden_act", c.text("hidden_act", "silu"), "silu");
        if (c.flag("use_sliding_window", false)) {
            c.require("use_sliding_window", "true", "false");
        }
        int hidden = c.integer("hidden_size", hiddenDefault);
        int heads = c.integer("num_attention_heads", hiddenDefault == 8192 ? 64 : 32);
        int kvHeads = c.integer("num_key_value_heads", hiddenDefault == 8192 ? 8 : 32);
        int headDim = c.integer("head_dim", hidden / heads);
        boolean tied = top.has("tie_word_embeddings") ? top.flag("tie_word_embeddings", false) : c.flag("tie_word_embeddings", false);
        return new TextConfig(c.integer("vocab_size", vocab), hidden, c.integer("intermediate_size", inner),
                c.integer("num_hidden_layers", hiddenDefault == 8192 ? 80 : 32), heads, kvHeads, headDim,
                (float) c.number("rms_norm_eps", hiddenDefault == 8192 ? 1e-5 : 1e-6), true, tied,
                c.integer("max_position_embeddings", 32768), rope(c, headDim, theta));
    }

    /** Flat {@code rope_theta} + {@code rope_scaling}, or {@code rope_parameters}. */
    private static Rope rope(ConfigNode c, int headDim, double thetaDefault) {
        ConfigNode r = c.child("rope_parameters") != null ? c.child("rope_parameters") : c.child("rope_scaling");
        double theta = r != null && r.has("rope_theta") ? r.number("rope_theta", thetaDefault) : c.number("rope_theta", thetaDefault);
        if (r == null) {
            return Rope.text(headDim, theta);
        }
        String type = r.text("rope_type", r.text("type", "default"));
        r.require("rope_type", type, "default", "mrope");
        if (!r.has("mrope_section")) {
            return Rope.text(headDim, theta);
        }
        int[] sections = r.integers("mrope_section", List.of()).stream().mapToInt(Integer::intValue).toArray();
        int sum = java.util.Arrays.stream(sections).sum();
        if (sections.length != 3 || sum != headDim / 2) {
            throw r.wrong("mrope_section", "three numbers whose sum is head_dim / 2 = " + headDim / 2);
        }
        return Rope.sections(headDim, theta, sections);
    }

    /** {@code Qwen2_5_VLVisionConfig}. */
    static VisionConfig qwen25VlVision(ConfigNode c) {
        c.require("hidden_act", c.text("hidden_act", "silu"), "silu");
        return new VisionConfig(c.integer("depth", 32), c.integer("hidden_size", 3584), c.integer("intermediate_size", 3420),
                c.integer("num_heads", 16), c.integer("in_channels", c.integer("in_chans", 3)), c.integer("patch_size", 14),
                c.integer("temporal_patch_size", 2), c.integer("spatial_merge_size", 2), c.integer("window_size", 112),
                Set.copyOf(c.integers("fullatt_block_indexes", List.of(7, 15, 23, 31))), c.integer("out_hidden_size", 3584));
    }
}
