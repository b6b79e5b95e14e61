package org.caprl.core.model.config;

import org.caprl.core.model.TextConfig;
import org.caprl.core.nn.Rope;

/** Reads the numbers of text decoders; keys are those that {@code Qwen2Config}, {@code Qwen3Config} and {@code LlamaConfig} share. */
public final class TextConfigs {
    private TextConfigs() {
    }

    /** Reads rotary frequencies. */
    public interface RopeReader {
        /** The frequencies that a text config with these numbers says. */
        Rope read(ConfigNode c, int headDim, int maxPositions);
    }

    /** A decoder with one-dimensional rotary positions; see {@link #read(ConfigNode, RopeReader)}. */
    public static TextConfig read(ConfigNode c) {
        return read(c, RopeConfigs::text);
    }

    /**
     * A decoder.
     *
     * @param c with the defaults of the family's class; {@code rope_theta} there is the class's {@code default_theta}
     */
    public static TextConfig read(ConfigNode c, RopeReader rope) {
        c.require("hidden_act", c.text("hidden_act"), "silu");
        if (c.flag("use_sliding_window")) {
            c.require("use_sliding_window", "true", "false");
        }
        int hidden = c.extent("hidden_size");
        int heads = c.extent("num_attention_heads");
        int kvHeads = c.has("num_key_value_heads") ? c.extent("num_key_value_heads") : heads;
        int headDim = c.has("head_dim") ? c.extent("head_dim") : hidden / heads;
        if (heads % kvHeads != 0) {
            throw c.wrong("num_key_value_heads", "a divisor of num_attention_heads = " + heads);
        }
        if (headDim % 2 != 0) {
            throw c.wrong(c.has("head_dim") ? "head_dim" : "hidden_size", "such that a head has an even number of columns, not " + headDim);
        }
        int maxPositions = c.extent("max_position_embeddings");
        boolean attentionBias = c.flag("attention_bias");
        return new TextConfig(c.extent("vocab_size"), hidden, c.extent("intermediate_size"), c.extent("num_hidden_layers"), heads, kvHeads,
                headDim, (float) c.number("rms_norm_eps"), attentionBias, attentionBias, c.flag("mlp_bias"), false,
                c.flag("tie_word_embeddings"), padding(c), maxPositions, rope.read(c, headDim, maxPositions));
    }

    /** As {@code torch.nn.Embedding} counts: a negative id from the end of the table. */
    private static int padding(ConfigNode c) {
        if (!c.has("pad_token_id")) {
            return -1;
        }
        int vocab = c.extent("vocab_size");
        int id = c.integer("pad_token_id");
        if (id >= vocab || id < -vocab) {
            throw c.wrong("pad_token_id", "below vocab_size = " + vocab);
        }
        return id < 0 ? vocab + id : id;
    }
}
