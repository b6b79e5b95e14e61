package org.caprl.core.model.llama;

import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.TextConfigs;

/** Numbers of {@code LlamaForCausalLM}. */
public final class Llama {
    /** {@code model_type}. */
    public static final String FAMILY = "llama";

    /** {@code LlamaConfig}. */
    private static final String DEFAULTS = """
            {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
             "num_key_value_heads": null, "head_dim": null, "hidden_act": "silu", "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
             "tie_word_embeddings": false, "pad_token_id": null, "attention_bias": false, "mlp_bias": false, "rope_theta": 10000.0}
            """;

    private Llama() {
    }

    /** Numbers of a Llama model. */
    public static TextConfig config(ConfigNode c) {
        return TextConfigs.read(c.withDefaults(DEFAULTS));
    }
}
