package org.caprl.core.model.qwen25vl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import org.caprl.core.InputException;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.TransformersDefaults;
import org.junit.jupiter.api.Test;

class Qwen25VlConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The published 3B model's file, as far as it matters: flat, and with five keys of the tower. */
    private static final String PUBLISHED = """
            {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "attention_dropout": 0.0, "bos_token_id": 151643,
             "eos_token_id": 151645, "vision_start_token_id": 151652, "vision_end_token_id": 151653, "vision_token_id": 151654,
             "image_token_id": 151655, "video_token_id": 151656, "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02,
             "intermediate_size": 11008, "max_position_embeddings": 128000, "max_window_layers": 70, "model_type": "qwen2_5_vl",
             "num_attention_heads": 16, "num_hidden_layers": 36, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
             "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
             "use_cache": true, "use_sliding_window": false,
             "vision_config": {"hidden_size": 1280, "in_chans": 3, "out_hidden_size": 2048, "spatial_patch_size": 14,
             "tokens_per_second": 2}, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "vocab_size": 151936}
            """;

    @Test
    void missingKeysAreTheDefaultsOfTheClasses() {
        TransformersDefaults.assertAreOurs("Qwen2_5_VLTextConfig", "text_config", Qwen25Vl::text);
        TransformersDefaults.assertAreOurs("Qwen2_5_VLVisionConfig", null, VisionConfig::of);
        assertEquals(151655, TransformersDefaults.of("Qwen2_5_VLConfig").get("image_token_id").intValue());
    }

    @Test
    void thePublishedFileIsRead() throws IOException {
        ConfigNode config = ConfigNode.of(JSON.readTree(PUBLISHED), "config.json");
        VisionConfig vision = VisionConfig.of(config.requiredChild("vision_config"));
        assertEquals(32, vision.shape().depth());
        assertEquals(1280, vision.shape().hidden());
        assertEquals(3420, vision.shape().inner());
        assertEquals(16, vision.shape().heads());
        assertEquals(3, vision.shape().channels());
        assertEquals(14, vision.shape().patch());
        assertEquals(2, vision.shape().temporalPatch());
        assertEquals(2, vision.shape().merge());
        assertEquals(2048, vision.shape().out());
        assertEquals(112, vision.window());
        assertEquals(Set.of(7, 15, 23, 31), vision.fullAttention());
        TextConfig text = Qwen25Vl.text(config);
        assertEquals(36, text.layers());
        assertEquals(128, text.headDim());
        assertEquals(1e-6f, text.epsilon());
        assertTrue(text.tied() && text.qkvBias() && !text.outBias());
        int[] axis = text.rope().spec().axis();
        assertArrayEquals(new int[] {0, 1, 1, 2, 2}, new int[] {axis[15], axis[16], axis[39], axis[40], axis[63]});
    }

    /** As {@code transformers} 5 writes the same file. */
    @Test
    void nestedMeansTheSame() throws IOException {
        JsonNode flat = JSON.readTree(PUBLISHED);
        ObjectNode text = flat.deepCopy();
        text.remove("vision_config");
        text.remove("rope_scaling");
        text.remove("rope_theta");
        text.remove("tie_word_embeddings");
        text.putObject("rope_parameters").put("rope_theta", 1000000.0).put("rope_type", "default").putArray("mrope_section").add(16).add(24)
                .add(24);
        ObjectNode nested = JSON.createObjectNode().put("tie_word_embeddings", true);
        nested.set("text_config", text);
        nested.set("vision_config", flat.get("vision_config"));
        assertEquals(TransformersDefaults.numbers(Qwen25Vl.text(ConfigNode.of(flat, "config.json"))),
                TransformersDefaults.numbers(Qwen25Vl.text(ConfigNode.of(nested, "config.json"))));
    }

    @Test
    void sectionsMustFillAHead() throws IOException {
        ConfigNode config = ConfigNode.of(JSON.readTree(PUBLISHED.replace("[16, 24, 24]", "[16, 24, 20]")), "config.json");
        String message = assertThrows(InputException.class, () -> Qwen25Vl.text(config)).getMessage();
        assertTrue(message.contains("mrope_section is [16, 24, 20], but the sum must be half of the columns of a head, 64"), message);
    }
}
