package org.caprl.core.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.checkpoint.ShardedWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSaverTest {
    private TensorOps ops;

    @TempDir
    Path temp;

    @BeforeEach
    void open() {
        ops = Backends.open("reference", 1).ops();
    }

    @AfterEach
    void close() {
        ops.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5_vl/checkpoint", "qwen2_untied/checkpoint", "qwen2_5_vl/checkpoint_hub_layout", "qwen3/checkpoint",
        "llama/checkpoint", "qwen3_vl/checkpoint", "qwen3_vl/checkpoint_hub_layout", "internvl/checkpoint",
        "internvl/checkpoint_hub_layout", "internvl/checkpoint_chat_layout", "internvl_qwen2/checkpoint"})
    void aTrainedModelComesBackToTheBitUnderTheNamesOfItsSource(String folder) throws IOException {
        comesBack(Golden.require(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "llama", "qwen3_vl", "internvl"})
    void soDoesASmallOne(String family) throws IOException {
        Path source = temp.resolve("tiny");
        new TinyCheckpoint(family, 64, 32, 2, 2, 1, 32, 32, 2, 20, 64, 7).write(source, List.of("a red circle", "a blue square"), ops);
        comesBack(source);
    }

    /** {@code model.language_model.…}, {@code model.visual.…} and so on. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5_vl", "qwen3_vl", "internvl"})
    void namesThatTransformersHasInMemoryAreReadAndKept(String family) throws IOException {
        Path published = temp.resolve("published");
        new TinyCheckpoint(family, 64, 32, 2, 2, 1, 32, 32, 2, 20, 64, 7).write(published, List.of("a red circle"), ops);
        Path source = Files.createDirectory(temp.resolve("in memory"));
        try (CausalLm model = Models.load(published, ops); HfCheckpoint files = HfCheckpoint.open(published)) {
            List<StoredTensor> tensors = new ArrayList<>();
            model.params().all().forEach((name, v) -> tensors.add(new StoredTensor("model."
                    + name.replaceFirst("^(language_model\\.)?model\\.", "language_model."), StoredType.F32,
                    Arrays.stream(v.value().shape()).asLongStream().toArray(), segment(v))));
            ShardedWriter.write(source, tensors, ShardedWriter.DEFAULT_MAX_SHARD_BYTES);
            files.copyTokenizerAndProcessorFiles(source);
        }
        comesBack(source);
    }

    private void comesBack(Path source) throws IOException {
        Path target = Files.createDirectory(temp.resolve("saved"));
        try (CausalLm model = Models.load(source, ops)) {
            model.params().values().forEach(ModelSaverTest::nudge);
            ModelSaver.save(model, source, target);
            try (CausalLm loaded = Models.load(target, ops); HfCheckpoint before = HfCheckpoint.open(source);
                    HfCheckpoint after = HfCheckpoint.open(target)) {
                assertEquals(before.names(), after.names());
                assertEquals(model.params().all().keySet(), loaded.params().all().keySet());
                model.params().all().forEach((name, v) ->
                        assertEquals(-1, segment(v).mismatch(segment(loaded.params().get(name))), name));
                ObjectNode config = before.config().deepCopy();
                if (!config.has("dtype") && !config.has("torch_dtype")) {
                    config.put("dtype", "float32");
                }
                for (String key : List.of("dtype", "torch_dtype")) {
                    config.findParents(key).forEach(level -> ((ObjectNode) level).put(key, "float32"));
                }
                assertEquals(config, after.config());
            }
        }
        for (String file : List.of("tokenizer.json", "chat_template.jinja", "generation_config.json")) {
            assertArrayEquals(Files.readAllBytes(source.resolve(file)), Files.readAllBytes(target.resolve(file)), file);
        }
    }

    @Test
    void bf16RoundsToNearestAndTheConfigSaysSo() throws IOException {
        Path source = Golden.require("qwen2_untied/checkpoint");
        Path target = Files.createDirectory(temp.resolve("saved"));
        try (CausalLm model = Models.load(source, ops)) {
            ModelSaver.save(model, source, target, StoredType.BF16);
            try (CausalLm loaded = Models.load(target, ops); HfCheckpoint after = HfCheckpoint.open(target)) {
                assertEquals("bfloat16", after.config().path("dtype").asText());
                assertTrue(after.names().stream().allMatch(name -> after.info(name).type() == StoredType.BF16));
                model.params().all().forEach((name, v) -> {
                    float exact = segment(v).get(ValueLayout.JAVA_FLOAT, 0);
                    float read = segment(loaded.params().get(name)).get(ValueLayout.JAVA_FLOAT, 0);
                    assertEquals(BFloat16.toFloat(BFloat16.fromFloat(exact)), read);
                });
            }
        }
    }

    @Test
    void aTiedHeadIsWrittenOnce() throws IOException {
        Path source = temp.resolve("tiny");
        new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 20, 64, 7).write(source, List.of("a red circle", "a blue square"), ops);
        Path target = Files.createDirectory(temp.resolve("saved"));
        try (CausalLm model = Models.load(source, ops)) {
            ModelSaver.save(model, source, target);
        }
        try (HfCheckpoint after = HfCheckpoint.open(target)) {
            assertTrue(after.config().path("tie_word_embeddings").asBoolean());
            assertTrue(after.contains("model.embed_tokens.weight"));
            assertFalse(after.contains("lm_head.weight"));
        }
        assertArrayEquals(Files.readAllBytes(source.resolve("model.safetensors")), Files.readAllBytes(target.resolve("model.safetensors")));
    }

    @Test
    void theFilesOfAnotherModelAreRefused() throws IOException {
        Path other = Golden.require("qwen2_5_vl/checkpoint");
        Path target = Files.createDirectory(temp.resolve("saved"));
        try (CausalLm model = Models.load(Golden.require("qwen2_untied/checkpoint"), ops)) {
            InputException e = assertThrows(InputException.class, () -> ModelSaver.save(model, other, target));
            assertTrue(e.getMessage().contains(other.toString()), e.getMessage());
            assertTrue(e.getMessage().contains("has no tensor '"), e.getMessage());
        }
        try (var left = Files.list(target)) {
            assertEquals(0, left.count());
        }
    }

    private static void nudge(Var weight) {
        MemorySegment values = segment(weight);
        values.set(ValueLayout.JAVA_FLOAT, 0, values.get(ValueLayout.JAVA_FLOAT, 0) + 0.123456f);
        weight.value().markWritten();
    }

    private static MemorySegment segment(Var weight) {
        return weight.value().toHost();
    }
}
