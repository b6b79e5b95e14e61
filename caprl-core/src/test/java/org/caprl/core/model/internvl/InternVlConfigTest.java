package org.caprl.core.model.internvl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.caprl.core.InputException;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.TransformersDefaults;
import org.caprl.core.tensor.Gelu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternVlConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** InternVL3.5-8B: its text numbers, and its tower in the words of both layouts. */
    private static final String TEXT = """
            {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "vocab_size": 151936, "hidden_size": 4096,
             "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
             "hidden_act": "silu", "rms_norm_eps": 1e-06, "max_position_embeddings": 40960, "rope_theta": 1000000, "rope_scaling": null,
             "attention_bias": false, "sliding_window": null, "use_sliding_window": false, "tie_word_embeddings": false}
            """;
    private static final String PORT = """
            {"model_type": "internvl", "image_token_id": 151671, "text_config": %s,
             "vision_config": {"attention_bias": true, "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
             "intermediate_size": 4096, "image_size": [448, 448], "patch_size": [14, 14], "model_type": "internvl_vision"}}
            """.formatted(TEXT);
    private static final String CHAT = """
            {"model_type": "internvl_chat", "downsample_ratio": 0.5, "dynamic_image_size": true, "force_image_size": 448,
             "max_dynamic_patch": 12, "min_dynamic_patch": 1, "ps_version": "v2", "select_layer": -1, "use_thumbnail": true,
             "pad2square": false, "template": "internvl2_5", "image_token_id": 151671, "llm_config": %s,
             "vision_config": {"attention_dropout": 0.0, "hidden_act": "gelu", "hidden_size": 1024, "image_size": 448,
             "initializer_factor": 1.0, "intermediate_size": 4096, "layer_norm_eps": 1e-06, "model_type": "intern_vit_6b",
             "norm_type": "layer_norm", "num_attention_heads": 16, "num_channels": 3, "num_hidden_layers": 24, "patch_size": 14,
             "qk_normalization": false, "qkv_bias": true, "use_flash_attn": true}}
            """.formatted(TEXT);

    private static ConfigNode node(String json) throws JsonProcessingException {
        return ConfigNode.of(JSON.readTree(json), "config.json");
    }

    @Test
    void missingKeysAreTheDefaultsOfTheClasses() {
        TransformersDefaults.assertAreOurs("InternVLVisionConfig", null, VisionConfig::of);
        TransformersDefaults.assertAreOurs("InternVLConfig", null, c -> {
            ObjectNode whole = c.node().deepCopy();
            whole.withObjectProperty("text_config");
            whole.withObjectProperty("vision_config");
            return InternVlConfig.port(ConfigNode.of(whole, c.where()));
        });
    }

    @Test
    void bothLayoutsOfThePublishedModelAreTheSameNumbers() throws JsonProcessingException {
        InternVlConfig port = InternVlConfig.port(node(PORT));
        InternVlConfig chat = InternVlConfig.chat(node(CHAT));
        assertEquals(new VisionConfig(24, 1024, 4096, 16, 3, 448, 14, true, false, false, 1e-6f, 1e-6f, true, false, Gelu.ERF),
                port.vision());
        assertEquals(port.vision(), chat.vision());
        assertEquals(TransformersDefaults.numbers(port.text()), TransformersDefaults.numbers(chat.text()));
        assertEquals(36, port.text().layers());
        assertTrue(port.text().headNorms());
        assertFalse(port.text().tied(), "the text config says so, where the top level is silent");
        assertEquals(2, port.merge());
        assertEquals(4096, port.shuffledWidth());
        assertFalse(chat.transposed());
        assertEquals(port.imageToken(), chat.imageToken());
    }

    @Test
    void theTopLevelSaysWhetherTheHeadIsTied() throws JsonProcessingException {
        assertTrue(InternVlConfig.port(node(PORT.replaceFirst("\\{", "{\"tie_word_embeddings\": true, "))).text().tied());
        String silent = PORT.replace(", \"tie_word_embeddings\": false", "");
        assertTrue(InternVlConfig.port(node(silent)).text().tied(), "InternVLConfig's default");
    }

    @Test
    void theOriginalClassesHaveDefaultsOfTheirOwn() throws JsonProcessingException {
        InternVlConfig chat = InternVlConfig.chat(node("""
                {"image_token_id": 9, "llm_config": {"model_type": "qwen2"}, "vision_config": {}}
                """));
        assertEquals(new VisionConfig(48, 3200, 12800, 25, 3, 224, 14, false, true, true, 1e-6f, 1e-6f, true, false, Gelu.ERF),
                chat.vision());
        assertTrue(chat.transposed(), "ps_version v1");
        assertEquals(2, chat.merge());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"model_type\": \"qwen3\" | \"model_type\": \"internlm2\" | config.json.text_config: model_type = internlm2 is not supported; "
                + "supported: llama, qwen2, qwen3",
        "\"image_token_id\" | \"vision_feature_layer\": -2, \"image_token_id\" | config.json: vision_feature_layer = -2 is not supported",
        "\"image_token_id\" | \"downsample_ratio\": 0.3, \"image_token_id\" | config.json: downsample_ratio must be 1 over a whole number",
        "[14, 14] | [14, 16] | config.json.vision_config: patch_size must be a positive integer, or a list of two that are equal",
        "\"hidden_size\": 1024 | \"hidden_size\": 1030 | hidden_size 1030 is no multiple of num_attention_heads 16",
        "\"attention_bias\": true | \"norm_type\": \"batch_norm\" | config.json.vision_config: norm_type = batch_norm is not supported",
        "\"attention_bias\": true | \"use_mask_token\": true | config.json.vision_config: use_mask_token = true is not supported",
        "\"vision_config\" | \"tower\" | config.json: vision_config is missing"})
    void whatIsNotComputedIsRefused(String before, String after, String message) throws JsonProcessingException {
        ConfigNode config = node(PORT.replace(before, after));
        String found = assertThrows(InputException.class, () -> InternVlConfig.port(config)).getMessage();
        assertTrue(found.contains(message), found);
    }
}
