package org.caprl.core.model.load;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Which keys of a config give the extents of a weight, for errors about its shape. */
final class ShapeKeys {
    private static final String HIDDEN = "hidden_size";
    private static final String INNER = "intermediate_size";
    private static final String QUERIES = "num_attention_heads x head_dim";
    private static final String KEYS = "num_key_value_heads x head_dim";
    private static final String SHUFFLED = "vision_config's hidden_size / downsample_ratio squared";
    private static final String SQUARE = "spatial_merge_size squared x hidden_size";

    /** In order; the first that matches a name counts. A bias has the first extent of its weight. */
    private static final List<ShapeKeys> ALL = List.of(
            vision("patch_embed\\.proj", HIDDEN, "in_channels", "temporal_patch_size", "patch_size", "patch_size"),
            vision("pos_embed", "num_position_embeddings", HIDDEN),
            vision("attn\\.qkv", "3 x " + HIDDEN, HIDDEN),
            vision("attn\\.proj", HIDDEN, HIDDEN),
            vision("mlp\\.(gate_proj|up_proj|linear_fc1)", INNER, HIDDEN),
            vision("mlp\\.(down_proj|linear_fc2)", HIDDEN, INNER),
            vision("(norm1|norm2|merger\\.ln_q|merger\\.norm)", HIDDEN),
            vision("deepstack_merger_list\\.\\d+\\.norm", SQUARE),
            vision("(merger\\.mlp\\.0|linear_fc1)", SQUARE, SQUARE),
            vision("(merger\\.mlp\\.2|linear_fc2)", "out_hidden_size", SQUARE),
            new ShapeKeys("vision_(tower|model)\\.embeddings\\.(cls_token|class_embedding)", "", "always", "always",
                    "vision_config's " + HIDDEN),
            new ShapeKeys("vision_(tower|model)\\.embeddings\\.position_embeddings?", "", "always",
                    "vision_config's (image_size / patch_size) squared + 1", "vision_config's " + HIDDEN),
            tower("(patch_embeddings\\.projection|patch_embedding)", HIDDEN, "num_channels", "patch_size", "patch_size"),
            tower("attn\\.qkv", "3 x " + HIDDEN, HIDDEN),
            tower("(q_proj|k_proj|v_proj|projection_layer|attn\\.proj)", HIDDEN, HIDDEN),
            tower("mlp\\.fc1", INNER, HIDDEN),
            tower("mlp\\.fc2", HIDDEN, INNER),
            tower("(norm1|norm2|q_norm|k_norm|layernorm|layernorm_before|layernorm_after|lambda_1|lambda_2|ls1|ls2)", HIDDEN),
            new ShapeKeys("(multi_modal_projector\\.layer_norm|mlp1\\.0)", "", SHUFFLED),
            new ShapeKeys("(multi_modal_projector\\.linear_1|mlp1\\.1)", "the decoder's ", HIDDEN, SHUFFLED),
            new ShapeKeys("(multi_modal_projector\\.linear_2|mlp1\\.3)", "the decoder's ", HIDDEN, HIDDEN),
            text("(embed_tokens|lm_head)", "vocab_size", HIDDEN),
            text("q_proj", QUERIES, HIDDEN),
            text("(k_proj|v_proj)", KEYS, HIDDEN),
            text("o_proj", HIDDEN, QUERIES),
            text("(q_norm|k_norm)", "head_dim"),
            text("(gate_proj|up_proj)", INNER, HIDDEN),
            text("down_proj", HIDDEN, INNER),
            text("(norm|layernorm)", HIDDEN));

    private final Pattern name;
    private final String where;
    private final List<String> keys;

    private ShapeKeys(String pattern, String where, String... keys) {
        this.name = Pattern.compile(pattern + "(\\.(weight|bias))?");
        this.where = where;
        this.keys = List.of(keys);
    }

    private static ShapeKeys vision(String layer, String... keys) {
        return new ShapeKeys("visual\\.(.*\\.)?" + layer, "vision_config's ", keys);
    }

    private static ShapeKeys tower(String layer, String... keys) {
        return new ShapeKeys("vision_(tower|model)\\.(.*\\.)?" + layer, "vision_config's ", keys);
    }

    private static ShapeKeys text(String layer, String... keys) {
        return new ShapeKeys("(model\\.)?(.*[._])?" + layer, "", keys);
    }

    /** The keys behind the extents that differ, as the end of a sentence; empty where none is known. */
    static String explain(String weight, long[] found, long... implied) {
        for (ShapeKeys entry : ALL) {
            if (entry.name.matcher(weight).matches()) {
                List<String> causes = new ArrayList<>();
                for (int axis = 0; axis < implied.length && axis < entry.keys.size(); axis++) {
                    if (found.length != implied.length || found[axis] != implied[axis]) {
                        causes.add(entry.where + entry.keys.get(axis) + " = " + implied[axis]);
                    }
                }
                return " (" + String.join(", ", causes) + ")";
            }
        }
        return "";
    }
}
