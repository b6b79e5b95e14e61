package org.caprl.core.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the weights of a small Qwen3-VL is said when it is loaded. */
class CheckpointWeightsTest {
    @TempDir
    Path temp;

    private final TensorOps ops = Backends.open("reference", 1).ops();
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        folder = temp.resolve("tiny");
        new TinyCheckpoint("qwen3_vl", 64, 96, 2, 2, 1, 32, 48, 2, 20, 64, 7).write(folder, List.of("a red circle"), ops);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"intermediate_size\" : 96 | 80 | model.language_model.layers.0.mlp.gate_proj.weight | [96, 64] | [80, 64] "
                + "| (intermediate_size = 80)",
        "\"num_key_value_heads\" : 1 | 2 | model.language_model.layers.0.self_attn.k_proj.weight | [32, 64] | [64, 64] "
                + "| (num_key_value_heads x head_dim = 64)",
        "\"num_attention_heads\" : 2 | 3 | model.language_model.layers.0.self_attn.q_proj.weight | [64, 64] | [96, 64] "
                + "| (num_attention_heads x head_dim = 96)",
        "\"intermediate_size\" : 48 | 52 | model.visual.blocks.0.mlp.linear_fc1.weight | [48, 32] | [52, 32] "
                + "| (vision_config's intermediate_size = 52)",
        "\"num_position_embeddings\" : 36 | 49 | model.visual.pos_embed.weight | [36, 32] | [49, 32] "
                + "| (vision_config's num_position_embeddings = 49)",
        "\"patch_size\" : 14 | 16 | model.visual.patch_embed.proj.weight | [32, 3, 2, 14, 14] | [32, 3, 2, 16, 16] "
                + "| (vision_config's patch_size = 16, vision_config's patch_size = 16)"})
    void aMisshapenTensorIsNamedWithTheKeyBehindIt(String before, int value, String tensor, String found, String implied, String keys)
            throws IOException {
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        String changed = text.replace(before, before.replaceFirst("[0-9]+$", Integer.toString(value)));
        assertTrue(!changed.equals(text), before);
        Files.writeString(config, changed);
        String message = refused();
        for (String part : List.of(folder.toString(), "tensor '" + tensor + "' has shape " + found, "implies " + implied, keys)) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3_vl", "internvl", "internvl_chat"})
    void everyWeightHasItsKeys(String family) throws IOException {
        Path checkpoint = temp.resolve("of " + family);
        if (family.equals("internvl_chat")) {
            checkpoint = Golden.require("internvl/checkpoint_chat_layout");
        } else {
            new TinyCheckpoint(family, 64, 96, 2, 2, 1, 32, 48, 2, 20, 64, 7).write(checkpoint, List.of("a red circle"), ops);
        }
        try (CausalLm model = Models.load(checkpoint, ops)) {
            model.params().all().forEach((name, weight) -> {
                long[] shape = java.util.Arrays.stream(weight.value().shape()).asLongStream().toArray();
                String keys = ShapeKeys.explain(name, new long[0], shape);
                assertEquals(shape.length, keys.split(", ").length, name + keys);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(WeightType.class)
    void aWeightThatIsNotFiniteIsNamed(WeightType type) throws IOException {
        for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            Path damaged = Files.createDirectory(temp.resolve("damaged " + value));
            try (CausalLm model = Models.load(folder, ops)) {
                Tensor weight = model.params().get("model.layers.1.mlp.up_proj.weight").value();
                weight.segment().setAtIndex(ValueLayout.JAVA_FLOAT, weight.size() - 1, value);
                ModelSaver.save(model, folder, damaged, StoredType.BF16);
            }
            String message = assertThrows(InputException.class, () -> Models.load(damaged, ops, type)).getMessage();
            String expected = "'model.language_model.layers.1.mlp.up_proj.weight' holds values that are NaN or infinite";
            assertTrue(message.contains(expected), message);
        }
    }

    @Test
    void theKeysOfInternVlAreNamed() throws IOException {
        Path other = temp.resolve("internvl");
        new TinyCheckpoint("internvl", 64, 96, 2, 2, 1, 32, 48, 2, 20, 64, 7).write(other, List.of("a red circle"), ops);
        Path config = other.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"image_size\" : 56", "\"image_size\" : 84"));
        String message = assertThrows(InputException.class, () -> Models.load(other, ops)).getMessage();
        assertTrue(message.contains("tensor 'vision_tower.embeddings.position_embeddings' has shape [1, 17, 32], but config.json implies "
                + "[1, 37, 32] (vision_config's (image_size / patch_size) squared + 1 = 37)"), message);
    }

    @Test
    void aTokenizerWithoutTheImagesTokenIsRefused() throws IOException {
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\"image_token_id\" : [0-9]+", "\"image_token_id\" : 300000"));
        String message = assertThrows(InputException.class, () -> Processor.load(folder)).getMessage();
        assertTrue(message.contains("image_token_id 300000, but tokenizer.json has no special token of this id"), message);
    }

    private String refused() {
        return assertThrows(InputException.class, () -> Models.load(folder, ops)).getMessage();
    }
}
