package org.caprl.core.model.qwen25vl;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.qwenvl.VisionShape;

/**
 * Numbers of the vision tower.
 *
 * @param shape what it shares with other towers
 * @param window side of a window in pixels
 * @param fullAttention blocks that see the whole frame
 */
public record VisionConfig(VisionShape shape, int window, Set<Integer> fullAttention) {
    /** {@code Qwen2_5_VLVisionConfig}. */
    private static final String DEFAULTS = """
            {"depth": 32, "hidden_size": 3584, "hidden_act": "silu", "intermediate_size": 3420, "num_heads": 16, "in_channels": 3,
             "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112, "out_hidden_size": 3584,
             "fullatt_block_indexes": [7, 15, 23, 31], "rope_theta": 10000.0}
            """;

    /** The tower that a {@code vision_config} describes. */
    static VisionConfig of(ConfigNode file) {
        ConfigNode c = file.withDefaults(DEFAULTS);
        c.require("hidden_act", c.text("hidden_act"), "silu");
        VisionShape shape = VisionShape.of(c);
        int window = c.extent("window_size");
        if (window < shape.merge() * shape.patch()) {
            throw c.wrong("window_size", "at least one square of patches, " + shape.merge() * shape.patch());
        }
        return new VisionConfig(shape, window,
                Arrays.stream(c.integers("fullatt_block_indexes")).boxed().collect(Collectors.toUnmodifiableSet()));
    }
}
