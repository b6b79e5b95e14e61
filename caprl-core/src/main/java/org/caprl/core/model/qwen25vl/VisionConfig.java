package org.caprl.core.model.qwen25vl;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.caprl.core.model.config.ConfigNode;

/**
 * Numbers of the vision tower; defaults are those of {@code Qwen2_5_VLVisionConfig}.
 *
 * @param depth blocks
 * @param hidden width
 * @param inner width inside the MLP
 * @param heads attention heads
 * @param channels of a pixel
 * @param patch side of a patch in pixels
 * @param temporalPatch frames of a patch
 * @param merge side of the square of patches that becomes one text row
 * @param window side of a window in pixels
 * @param fullAttention blocks that see the whole frame
 * @param out width of the text decoder
 */
public record VisionConfig(int depth, int hidden, int inner, int heads, int channels, int patch, int temporalPatch, int merge, int window,
        Set<Integer> fullAttention, int out) {
    private static final String DEFAULTS = """
            {"depth": 32, "hidden_size": 3584, "hidden_act": "silu", "intermediate_size": 3420, "num_heads": 16, "in_channels": 3,
             "in_chans": 3, "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
             "out_hidden_size": 3584, "fullatt_block_indexes": [7, 15, 23, 31]}
            """;

    /** The tower that a {@code vision_config} describes. */
    static VisionConfig of(ConfigNode file) {
        ConfigNode c = file.withDefaults(DEFAULTS);
        c.require("hidden_act", c.text("hidden_act"), "silu");
        return new VisionConfig(c.extent("depth"), c.extent("hidden_size"), c.extent("intermediate_size"), c.extent("num_heads"),
                c.extent(c.gives("in_channels") ? "in_channels" : "in_chans"), c.extent("patch_size"), c.extent("temporal_patch_size"),
                c.extent("spatial_merge_size"), c.extent("window_size"),
                Arrays.stream(c.integers("fullatt_block_indexes")).boxed().collect(Collectors.toUnmodifiableSet()),
                c.extent("out_hidden_size"));
    }

    /** Values of one flattened patch. */
    public int patchValues() {
        return channels * temporalPatch * patch * patch;
    }

    /** Patches that become one text row. */
    public int mergeUnit() {
        return merge * merge;
    }

    /** Columns of one head. */
    public int headDim() {
        return hidden / heads;
    }
}
