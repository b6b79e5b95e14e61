package org.caprl.core.model.qwen3vl;

import java.util.Arrays;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.qwenvl.VisionShape;

/**
 * Numbers of the vision tower.
 *
 * @param shape what it shares with other towers
 * @param positions rows of the table of position embeddings
 * @param deepstack for each deepstack merger, the block whose result it merges
 */
record VisionConfig(VisionShape shape, int positions, int[] deepstack) {
    /** {@code Qwen3VLVisionConfig}. */
    private static final String DEFAULTS = """
            {"depth": 27, "hidden_size": 1152, "hidden_act": "gelu_pytorch_tanh", "intermediate_size": 4304, "num_heads": 16,
             "in_channels": 3, "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 3584,
             "num_position_embeddings": 2304, "deepstack_visual_indexes": [8, 16, 24], "rope_theta": 10000.0}
            """;

    /** The tower that a {@code vision_config} describes. */
    static VisionConfig of(ConfigNode file) {
        ConfigNode c = file.withDefaults(DEFAULTS);
        c.require("hidden_act", c.text("hidden_act"), "gelu_pytorch_tanh");
        VisionShape shape = VisionShape.of(c);
        int[] deepstack = c.integers("deepstack_visual_indexes");
        if (Arrays.stream(deepstack).distinct().count() != deepstack.length
                || Arrays.stream(deepstack).anyMatch(i -> i < 0 || i >= shape.depth())) {
            throw c.wrong("deepstack_visual_indexes", "different blocks below depth = " + shape.depth());
        }
        return new VisionConfig(shape, c.extent("num_position_embeddings"), deepstack);
    }
}
