package org.caprl.core.model.qwen25vl;

import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.QwenImageProcessor;
import org.caprl.core.model.DecoderLm;
import org.caprl.core.model.ImagePlaces;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.RopeConfigs;
import org.caprl.core.model.config.TextConfigs;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.text.BpeTokenizer;

/** {@code Qwen2_5_VLForConditionalGeneration}. */
public final class Qwen25Vl extends DecoderLm {
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
    private final int imageToken;

    /** The model with these numbers over these weights. */
    public Qwen25Vl(VisionConfig vision, TextConfig text, int imageToken, Params params) {
        super(FAMILY, text, params);
        this.vision = vision;
        this.tower = new VisionTower(vision, params);
        this.imageToken = imageToken;
    }

    /**
     * The model that a config describes: text numbers nested in {@code text_config}, or flat beside {@code vision_config} in older files.
     * Either place may say that the head is tied.
     */
    public static Qwen25Vl of(ConfigNode config, Params params) {
        ConfigNode nested = config.child("text_config");
        TextConfig text = TextConfigs.read((nested == null ? config : nested).withDefaults(TEXT_DEFAULTS),
                (c, headDim, maxPositions) -> RopeConfigs.sections(c, headDim, SECTIONS)).withQkvBias();
        ConfigNode top = config.withDefaults(DEFAULTS);
        return new Qwen25Vl(VisionConfig.of(config.requiredChild("vision_config")),
                text.withTied(text.tied() || top.flag("tie_word_embeddings")), top.integer("image_token_id"), params);
    }

    /** Images stand for themselves in the rendered prompt, between marks that the template has. */
    public static ImagePlaces imagePlaces(ConfigNode config, HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        return new ImagePlaces(QwenImageProcessor.load(checkpoint.folder()), config.withDefaults(DEFAULTS).integer("image_token_id"));
    }

    @Override
    public int positionAxes() {
        return 3;
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code get_rope_index}: text advances all three axes by one; an image stands still in time and counts rows and columns from
     * where it begins; what follows continues after the largest position so far.
     */
    @Override
    public Positions positions(int[] ids, List<ImageInput> images) {
        int n = ids.length;
        int[] values = new int[3 * n];
        int next = 0;
        int image = 0;
        for (int i = 0; i < n;) {
            if (ids[i] != imageToken) {
                values[i] = next;
                values[n + i] = next;
                values[2 * n + i] = next;
                next++;
                i++;
                continue;
            }
            if (image == images.size()) {
                throw new IllegalArgumentException("the ids have more places of images than there are images (" + images.size() + ")");
            }
            ImageInput grid = images.get(image++);
            int height = grid.gridH() / vision.merge();
            int width = grid.gridW() / vision.merge();
            int count = grid.gridT() * height * width;
            for (int j = 0; j < count; j++, i++) {
                if (i >= n || ids[i] != imageToken) {
                    throw new IllegalArgumentException("image " + image + " needs " + count + " image tokens, the ids have " + j);
                }
                values[i] = next + j / (height * width);
                values[n + i] = next + j / width % height;
                values[2 * n + i] = next + j % width;
            }
            next += Math.max(grid.gridT(), Math.max(height, width));
        }
        if (image != images.size()) {
            throw new IllegalArgumentException(images.size() + " images, but only " + image + " places for them in the ids");
        }
        return new Positions(values, 3, next);
    }

    @Override
    public Var embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        Var embeddings = decoder().embed(pass, ids); // [T, hidden]
        if (images.isEmpty()) {
            return embeddings;
        }
        return Fn.splice(pass, embeddings, tower.forward(pass, images), imageRows);
    }

    @Override
    public int imageToken() {
        return imageToken;
    }

    /** The window order of these images, for comparison with golden data: {@code window_index}, then {@code cu_window_seqlens}. */
    public int[][] windowOrder(List<ImageInput> images) {
        WindowOrder order = WindowOrder.of(images, vision);
        return new int[][] {order.groupOrder(), order.windowEnds()};
    }
}
