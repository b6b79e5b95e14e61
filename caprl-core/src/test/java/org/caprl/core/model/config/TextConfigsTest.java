package org.caprl.core.model.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.caprl.core.InputException;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.llama.Llama;
import org.caprl.core.model.qwentext.QwenText;
import org.caprl.core.nn.Rope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextConfigsTest {
    private static ConfigNode config(String json) {
        try {
            return ConfigNode.of(new ObjectMapper().readTree(json.replace('\'', '"')), "config.json");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    @Test
    void missingKeysAreTheDefaultsOfTheClasses() {
        TransformersDefaults.assertAreOurs("Qwen2Config", null, QwenText::qwen2);
        TransformersDefaults.assertAreOurs("Qwen3Config", null, QwenText::qwen3);
        TransformersDefaults.assertAreOurs("LlamaConfig", null, Llama::config);
    }

    @Test
    void someNumbersFollowFromOthers() {
        TextConfig llama = Llama.config(config("{'hidden_size': 96, 'num_attention_heads': 6}"));
        assertEquals(6, llama.kvHeads());
        assertEquals(16, llama.headDim());
        TextConfig qwen2 = QwenText.qwen2(config("{'hidden_size': 96, 'num_attention_heads': 6, 'num_key_value_heads': null}"));
        assertEquals(6, qwen2.kvHeads(), "null is not the class's 32");
        assertEquals(128, QwenText.qwen3(config("{'hidden_size': 96, 'num_attention_heads': 6, 'num_key_value_heads': 3}")).headDim());
    }

    @Test
    void biasesAreThoseOfTheClasses() {
        String all = "{'num_key_value_heads': 32, 'attention_bias': true, 'mlp_bias': true}";
        TextConfig qwen2 = QwenText.qwen2(config(all));
        assertTrue(qwen2.qkvBias() && !qwen2.outBias() && !qwen2.mlpBias() && !qwen2.headNorms(), "Qwen2Config has no such keys");
        TextConfig qwen3 = QwenText.qwen3(config(all));
        assertTrue(qwen3.qkvBias() && qwen3.outBias() && !qwen3.mlpBias() && qwen3.headNorms());
        TextConfig llama = Llama.config(config(all));
        assertTrue(llama.qkvBias() && llama.outBias() && llama.mlpBias() && !llama.headNorms());
        TextConfig plain = Llama.config(config("{}"));
        assertFalse(plain.qkvBias() || plain.outBias() || plain.mlpBias());
    }

    @Test
    void thePaddingTokenMayBeCountedFromTheEnd() {
        assertEquals(2, Llama.config(config("{'pad_token_id': 2}")).padding());
        assertEquals(31999, Llama.config(config("{'pad_token_id': -1}")).padding());
        assertEquals(-1, Llama.config(config("{'pad_token_id': null}")).padding());
        refused("pad_token_id must be below vocab_size = 32000, found 32000", "{'pad_token_id': 32000}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "500000 | {'rope_theta': 500000.0}",
        "500000 | {'rope_parameters': {'rope_theta': 500000.0, 'rope_type': 'default'}}",
        "500000 | {'rope_theta': 500000.0, 'rope_scaling': null}",
        "500000 | {'rope_theta': 500000.0, 'rope_parameters': {'type': 'default'}}",
        "500000 | {'rope_theta': 7.0, 'rope_parameters': {'rope_theta': 500000.0}}",
        "500000 | {'rope_theta': 500000.0, 'rope_scaling': {'rope_type': 'default'}, 'rope_parameters': {'rope_theta': 7.0}}",
        "10000 | {}"})
    void thetaStandsInOnePlaceOrAnother(double theta, String json) {
        assertArrayEquals(Rope.text(128, theta).spec().inverseFrequencies(),
                Llama.config(config(json)).rope().spec().inverseFrequencies());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "100 | {'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0, "
                + "'original_max_position_embeddings': 100}}",
        "100 | {'rope_parameters': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1, 'high_freq_factor': 4}, "
                + "'max_position_embeddings': 100}",
        "100 | {'rope_parameters': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1, 'high_freq_factor': 4, "
                + "'original_max_position_embeddings': 50}, 'original_max_position_embeddings': 100}"})
    void llama3KnowsItsFirstLength(int original, String json) {
        assertArrayEquals(Rope.text(128, 10000, new Rope.Llama3(8, 1, 4, original)).spec().inverseFrequencies(),
                Llama.config(config(json)).rope().spec().inverseFrequencies());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "rope_type = yarn is not supported; supported: default, llama3 | {'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0}}",
        "rope_type = dynamic is not supported | {'rope_scaling': {'type': 'dynamic', 'factor': 4.0}}",
        "partial_rotary_factor = 0.5 is not supported | {'rope_parameters': {'partial_rotary_factor': 0.5}}",
        "hidden_act = gelu is not supported; supported: silu | {'hidden_act': 'gelu'}",
        "factor must be a number, found nothing | {'rope_scaling': {'rope_type': 'llama3'}}",
        "num_key_value_heads must be a divisor of num_attention_heads = 32, found 5 | {'num_key_value_heads': 5}",
        "head_dim must be such that a head has an even number of columns, not 7, found 7 | {'head_dim': 7}",
        "vocab_size must be an integer, found \"many\" | {'vocab_size': 'many'}",
        "num_hidden_layers must be at least 1, found 0 | {'num_hidden_layers': 0}",
        "tie_word_embeddings must be true or false, found 1 | {'tie_word_embeddings': 1}"})
    void whatCanNotBeIsRefused(String expected, String json) {
        refused(expected, json);
    }

    @Test
    void slidingWindowsAreRefused() {
        String message = assertThrows(UnsupportedModelException.class, () -> QwenText.qwen2(config("{'use_sliding_window': true}")))
                .getMessage();
        assertTrue(message.contains("use_sliding_window = true is not supported"), message);
    }

    private static void refused(String expected, String json) {
        String message = assertThrows(InputException.class, () -> Llama.config(config(json))).getMessage();
        assertTrue(message.startsWith("config.json") && message.contains(expected), message);
    }
}
