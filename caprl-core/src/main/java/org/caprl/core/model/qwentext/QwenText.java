package org.caprl.core.model.qwentext;

import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.TextConfigs;

/** Numbers of {@code Qwen2ForCausalLM} and {@code Qwen3ForCausalLM}. */
public final class QwenText {
    /** {@code model_type} of Qwen2 and Qwen2.5. */
    public static final String QWEN2 = "qwen2";
    /** {@code model_type} of Qwen3. */
    public static final String QWEN3 = "qwen3";

    /** {@code Qwen2Config}; it has no {@code head_dim}, but the attention takes one that a file gives. */
    private static final String QWEN2_DEFAULTS = """
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32, "num_attention_heads": 32,
             "num_key_value_heads": 32, "head_dim": null, "hidden_act": "silu", "max_position_embeddings": 32768, "rms_norm_eps": 1e-6,
             "tie_word_embeddings": false, "pad_token_id": null, "use_sliding_window": false, "rope_theta": 10000.0}
            """;
    /** {@code Qwen3Config}. */
    private static final String QWEN3_DEFAULTS = """
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32, "num_attention_heads": 32,
             "num_key_value_heads": 32, "head_dim": 128, "hidden_act": "silu", "max_position_embeddings": 32768, "rms_norm_eps": 1e-6,
             "tie_word_embeddings": false, "pad_token_id": null, "use_sliding_window": false, "attention_bias": false,
             "rope_theta": 10000.0}
            """;

    private QwenText() {
    }

    /** Numbers of a Qwen2 or Qwen2.5 model. */
    public static TextConfig qwen2(ConfigNode c) {
        return TextConfigs.read(c.withDefaults(QWEN2_DEFAULTS)).withQkvBias();
    }

    /** Numbers of a Qwen3 model. */
    public static TextConfig qwen3(ConfigNode c) {
        return TextConfigs.read(c.withDefaults(QWEN3_DEFAULTS)).withHeadNorms();
    }
}
