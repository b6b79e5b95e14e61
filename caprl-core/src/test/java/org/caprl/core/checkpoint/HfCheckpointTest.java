package org.caprl.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A good checkpoint with two shards is made from a golden one, then damaged in one way a test. */
class HfCheckpointTest {
    private static final String NORM = "model.norm.weight";

    @TempDir
    private Path temp;
    private Path original;
    private Path sharded;

    @BeforeEach
    void makeShards() throws IOException {
        original = Golden.root().resolve("qwen2_untied/checkpoint");
        sharded = Files.createDirectory(temp.resolve("sharded"));
        try (HfCheckpoint checkpoint = HfCheckpoint.open(original)) {
            checkpoint.copyTokenizerAndProcessorFiles(sharded);
            List<StoredTensor> tensors = checkpoint.names().stream().map(name -> f32(checkpoint, name)).toList();
            long total = tensors.stream().mapToLong(StoredTensor::storedBytes).sum();
            ShardedWriter.write(sharded, tensors, total * 2 / 3);
        }
    }

    @Test
    void shardsHoldWhatTheSingleFileHolds() throws IOException {
        assertTrue(Files.exists(sharded.resolve("model-00002-of-00002.safetensors")), list(sharded).toString());
        shardsHoldWhatTheSingleFileHoldsIn(sharded);
    }

    private void shardsHoldWhatTheSingleFileHoldsIn(Path folder) {
        try (HfCheckpoint one = HfCheckpoint.open(original); HfCheckpoint two = HfCheckpoint.open(folder)) {
            assertEquals(one.names(), two.names());
            for (String name : one.names()) {
                assertArrayEquals(values(one, name), values(two, name));
            }
            assertEquals(one.config(), two.config());
        }
    }

    @Test
    void copiedFilesAreEverythingButWeightsAndReadme() throws IOException {
        Path to = Files.createDirectory(temp.resolve("copy"));
        Files.writeString(sharded.resolve("README.md"), "about");
        Files.writeString(sharded.resolve(".gitattributes"), "");
        Files.writeString(sharded.resolve("pytorch_model.bin.index.json"), "{}");
        try (HfCheckpoint checkpoint = HfCheckpoint.open(sharded)) {
            checkpoint.copyTokenizerAndProcessorFiles(to);
        }
        List<String> expected = list(original).stream().filter(n -> !n.endsWith(".safetensors")).toList();
        assertEquals(expected, list(to));
        assertTrue(expected.containsAll(List.of("config.json", "tokenizer.json", "generation_config.json")));
    }

    @Test
    void copiedConfigSaysWhatTheWeightsAreStoredAs() throws IOException {
        Files.writeString(sharded.resolve("config.json"),
                "{\"torch_dtype\":\"bfloat16\",\"text_config\":{\"dtype\":\"bfloat16\",\"hidden_size\":64}}");
        Path to = Files.createDirectory(temp.resolve("copy"));
        try (HfCheckpoint checkpoint = HfCheckpoint.open(sharded)) {
            checkpoint.copyTokenizerAndProcessorFiles(to, StoredType.F32);
            ShardedWriter.write(to, List.of(f32(checkpoint, NORM)), Long.MAX_VALUE);
        }
        try (HfCheckpoint copy = HfCheckpoint.open(to)) {
            assertEquals("{\"torch_dtype\":\"float32\",\"text_config\":{\"dtype\":\"float32\",\"hidden_size\":64}}",
                    copy.config().toString());
        }
    }

    /** In the full set this includes the layouts of the Hub: bfloat16, in shards. */
    @Test
    void everyGoldenCheckpointOpensAndReads() throws IOException {
        List<Path> folders;
        try (Stream<Path> all = Files.walk(Golden.root())) {
            folders = all.filter(f -> f.endsWith("config.json")).map(Path::getParent).sorted().toList();
        }
        assertTrue(folders.contains(original));
        for (Path folder : folders) {
            try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
                String stored = folder.endsWith("checkpoint") ? "F32" : "BF16";
                for (String name : checkpoint.names()) {
                    assertEquals(stored, checkpoint.info(name).dtype(), name);
                    assertEquals(checkpoint.info(name).elements(), values(checkpoint, name).length);
                }
                assertFalse(checkpoint.names().isEmpty());
                assertFalse(checkpoint.eosTokenIds().isEmpty());
            }
        }
    }

    @Test
    void eosIdsComeFromGenerationConfigThenConfig() throws IOException {
        assertEos("{\"eos_token_id\":[5,6]}", "{\"eos_token_id\":7}", List.of(5, 6));
        assertEos("{\"eos_token_id\":4}", "{\"eos_token_id\":7}", List.of(4));
        assertEos("{\"eos_token_id\":null}", "{\"eos_token_id\":[7]}", List.of(7));
        assertEos(null, "{\"text_config\":{\"eos_token_id\":8}}", List.of(8));
        assertEos(null, "{}", List.of());
    }

    private void assertEos(String generation, String config, List<Integer> expected) throws IOException {
        Files.writeString(sharded.resolve("config.json"), config);
        Files.deleteIfExists(sharded.resolve("generation_config.json"));
        if (generation != null) {
            Files.writeString(sharded.resolve("generation_config.json"), generation);
        }
        try (HfCheckpoint checkpoint = HfCheckpoint.open(sharded)) {
            assertEquals(expected, checkpoint.eosTokenIds());
            assertEquals(generation != null, checkpoint.generationConfig().isPresent());
        }
    }

    @Test
    void missingShardIsNamed() throws IOException {
        Files.delete(sharded.resolve("model-00001-of-00002.safetensors"));
        refused("no shard model-00001-of-00002.safetensors");
    }

    @Test
    void tensorAbsentFromItsShardIsNamed() throws IOException {
        Path index = sharded.resolve("model.safetensors.index.json");
        Files.writeString(index, Files.readString(index).replace("\"" + NORM + "\"", "\"model.extra.weight\""));
        refused("has no tensor 'model.extra.weight', which model.safetensors.index.json places there");
    }

    @Test
    void indexMayNotLeaveTheFolder() throws IOException {
        Files.writeString(sharded.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"../original/model.safetensors\"}}");
        refused("outside the checkpoint folder");
    }

    @Test
    void brokenJsonNamesTheLine() throws IOException {
        Files.writeString(sharded.resolve("config.json"), "{\n\"a\": 1,\n\"b\": }");
        refused("config.json is not valid JSON (line 3, column 6: ");
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        Files.delete(sharded.resolve("config.json"));
        refused("config.json");
        Files.writeString(sharded.resolve("config.json"), "{}");
        Files.delete(sharded.resolve("model.safetensors.index.json"));
        refused("neither model.safetensors nor model.safetensors.index.json");
        InputException e = assertThrows(InputException.class, () -> HfCheckpoint.open(temp.resolve("nowhere")).close());
        assertTrue(e.getMessage().contains("no checkpoint folder"), e.getMessage());
    }

    @Test
    void wrongShapeNamesBoth() {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(original)) {
            long size = checkpoint.info(NORM).elements();
            InputException e = assertThrows(InputException.class,
                    () -> checkpoint.read(NORM, new long[] {size + 1}, MemorySegment.ofArray(new float[(int) size + 1])));
            assertTrue(e.getMessage().contains("'" + NORM + "' has shape [" + size + "], but config.json asks for [" + (size + 1) + "]"),
                    e.getMessage());
        }
    }

    @Test
    void aWeightThatIsNoNumberIsNamed() throws IOException {
        Path one = Files.createDirectory(temp.resolve("nan"));
        Files.writeString(one.resolve("config.json"), "{}");
        for (StoredType type : List.of(StoredType.F32, StoredType.BF16)) {
            Files.deleteIfExists(one.resolve("model.safetensors"));
            ShardedWriter.write(one, List.of(new StoredTensor("w", type, new long[] {2, 3},
                    MemorySegment.ofArray(new float[] {0, 1, 2, 3, Float.NaN, 5}))), Long.MAX_VALUE);
            try (HfCheckpoint checkpoint = HfCheckpoint.open(one)) {
                String message = assertThrows(InputException.class, () -> checkpoint.read("w", new long[] {2, 3},
                        MemorySegment.ofArray(new float[6]))).getMessage();
                assertTrue(message.contains("tensor 'w' of shape [2, 3] holds NaN or an infinity, the first at element 4"), message);
                assertThrows(InputException.class, () -> checkpoint.readBFloat16("w", new long[] {2, 3},
                        MemorySegment.ofArray(new short[6])));
            }
        }
    }

    @Test
    void shardsMayHaveAnyNamesAndAnyOrder() throws IOException {
        Path index = sharded.resolve("model.safetensors.index.json");
        String text = Files.readString(index);
        Files.move(sharded.resolve("model-00001-of-00002.safetensors"), sharded.resolve("zz.safetensors"));
        Files.createDirectory(sharded.resolve("sub"));
        Files.move(sharded.resolve("model-00002-of-00002.safetensors"), sharded.resolve("sub/a.safetensors"));
        Files.writeString(index, text.replace("model-00001-of-00002", "zz").replace("model-00002-of-00002", "sub/a"));
        shardsHoldWhatTheSingleFileHoldsIn(sharded);
    }

    @Test
    void missingTensorNamesTheNearest() {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(original)) {
            InputException e = assertThrows(InputException.class, () -> checkpoint.info("model.norms.weight"));
            assertTrue(e.getMessage().contains("no tensor 'model.norms.weight'"), e.getMessage());
            assertTrue(e.getMessage().contains("[" + NORM), e.getMessage());
        }
    }

    private void refused(String expected) {
        InputException e = assertThrows(InputException.class, () -> HfCheckpoint.open(sharded).close());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    private static StoredTensor f32(HfCheckpoint checkpoint, String name) {
        return new StoredTensor(name, StoredType.F32, checkpoint.info(name).shape(), MemorySegment.ofArray(values(checkpoint, name)));
    }

    private static float[] values(HfCheckpoint checkpoint, String name) {
        long[] shape = checkpoint.info(name).shape();
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        checkpoint.read(name, shape, MemorySegment.ofArray(values));
        return values;
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
