package org.caprl.core.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.checkpoint.SafeTensorsWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders of adapters: written, read, merged, refused. */
class AdapterFolderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TensorOps OPS = Backends.open("cpu", 1).ops();

    @TempDir
    static Path models;

    @TempDir
    Path temp;

    @BeforeAll
    static void write() throws IOException {
        new TinyCheckpoint(true, 64, 96, 2, 2, 1, 32, 48, 2, 20, 128, 7).write(models.resolve("sees"), List.of("a red circle"), OPS);
        for (String family : List.of("qwen3_vl", "internvl")) {
            new TinyCheckpoint(family, 64, 96, 2, 2, 1, 32, 48, 2, 20, 128, 7).write(models.resolve(family), List.of("a red circle"), OPS);
        }
        new TinyCheckpoint(false, 64, 96, 2, 2, 1, 32, 48, 2, 20, 128, 7).write(models.resolve("text"), List.of("a red circle"), OPS);
        new TinyCheckpoint(false, 96, 96, 2, 3, 1, 32, 48, 2, 20, 128, 7).write(models.resolve("wide"), List.of("a red circle"), OPS);
    }

    @AfterAll
    static void close() {
        OPS.close();
    }

    private static LoraSettings settings(boolean vision, String... targets) {
        return new LoraSettings(3, 6, 0.1, false, List.of(targets), vision);
    }

    /** A model with adapters of random numbers, B too. */
    private static CausalLm adapted(String base, LoraSettings settings) {
        return Models.load(models.resolve(base), OPS, WeightType.FLOAT32,
                new Adapters(settings, settings::adapts, new RandomWeights(5, 0.2)));
    }

    private Path saved(String base, LoraSettings settings) throws IOException {
        Path folder = Files.createDirectory(temp.resolve("adapter"));
        try (CausalLm model = adapted(base, settings)) {
            AdapterFolder.save(model, models.resolve(base), folder);
        }
        return folder;
    }

    @ParameterizedTest
    @CsvSource({"sees,true", "sees,false", "text,false", "qwen3_vl,false", "qwen3_vl,true", "internvl,false", "internvl,true"})
    void adaptersComeBackToTheBit(String base, boolean vision) throws IOException {
        Path folder = saved(base, settings(vision, "*"));
        try (CausalLm before = adapted(base, settings(vision, "*")); CausalLm after = Models.load(folder, OPS)) {
            assertEquals(before.params().adapterWeights().keySet(), after.params().adapterWeights().keySet());
            before.params().adapterWeights().forEach((name, v) ->
                    assertArrayEquals(v.value().toFloats(), after.params().adapterWeights().get(name).value().toFloats(), name));
            assertEquals(3, after.params().lora().r());
            assertEquals(2f, after.params().lora().scaling());
            assertEquals(0.1, after.params().lora().dropout());
        }
    }

    /** Names of the classes of {@code transformers}; targets that mean the same to peft, which looks at every module. */
    @Test
    void namesAreThoseOfTransformers() throws IOException {
        Path folder = saved("sees", settings(false, "q_proj", "gate_proj"));
        try (SafeTensorsFile file = SafeTensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            assertEquals(8, file.names().size());
            assertTrue(file.contains("base_model.model.model.language_model.layers.1.mlp.gate_proj.lora_A.weight"),
                    file.names().toString());
        }
        assertEquals(List.of("model.language_model.layers.0.self_attn.q_proj", "model.language_model.layers.0.mlp.gate_proj",
                "model.language_model.layers.1.self_attn.q_proj", "model.language_model.layers.1.mlp.gate_proj"), targets(folder),
                "gate_proj alone would mean the vision tower too");
    }

    /** Their decoder is called otherwise, and the original repositories' class is not of {@code transformers}. */
    @ParameterizedTest
    @CsvSource({"internvl, model.language_model.layers.", "internvl_chat, language_model.model.layers."})
    void adaptersOfInternVl(String family, String decoder) throws IOException {
        String base = family.equals("internvl") ? family : Golden.require("internvl/checkpoint_chat_layout").toAbsolutePath().toString();
        LoraSettings settings = settings(false, "gate_proj");
        Path folder = saved(base, settings);
        try (SafeTensorsFile file = SafeTensorsFile.open(folder.resolve("adapter_model.safetensors"));
                CausalLm model = Models.load(folder, OPS)) {
            assertEquals(family, model.family());
            assertTrue(file.contains("base_model.model." + decoder + "1.mlp.gate_proj.lora_A.weight"), file.names().toString());
            assertEquals(file.names().size(), model.params().adapterWeights().size());
            assertTrue(model.params().adapterWeights().keySet().stream().allMatch(LoraSettings::inDecoder));
        }
    }

    @Test
    void shortTargetsWherePeftUnderstandsThem() throws IOException {
        assertEquals(List.of("q_proj", "v_proj"), targets(saved("text", settings(false, "*q_proj", "layers.*.v_proj"))));
    }

    private static List<String> targets(Path folder) throws IOException {
        JsonNode config = JSON.readTree(folder.resolve("adapter_config.json").toFile());
        return StreamSupport.stream(config.get("target_modules").spliterator(), false)
                .map(JsonNode::asText).toList();
    }

    /** Files of older versions have the names that the layers had before the decoder moved into {@code language_model}. */
    @Test
    void olderNamesAreRead() throws IOException {
        Path folder = saved("sees", settings(true, "q_proj", "qkv"));
        rename(folder, name -> name.replace("model.model.language_model.layers", "model.model.layers")
                .replace("model.model.visual", "model.visual"));
        try (CausalLm before = adapted("sees", settings(true, "q_proj", "qkv")); CausalLm after = Models.load(folder, OPS)) {
            assertEquals(before.params().adapterWeights().keySet(), after.params().adapterWeights().keySet());
        }
    }

    private interface Renaming {
        String of(String name);
    }

    private static void rename(Path folder, Renaming renaming) throws IOException {
        Path file = folder.resolve("adapter_model.safetensors");
        Map<String, float[]> values = new TreeMap<>();
        Map<String, long[]> shapes = new TreeMap<>();
        try (SafeTensorsFile old = SafeTensorsFile.open(file)) {
            old.names().forEach(name -> {
                String to = renaming.of(name);
                if (to != null) {
                    values.put(to, old.floats(name));
                    shapes.put(to, old.info(name).shape());
                }
            });
        }
        Files.delete(file);
        SafeTensorsWriter.write(file, values.keySet().stream().map(name -> new StoredTensor(name, StoredType.F32, shapes.get(name),
                MemorySegment.ofArray(values.get(name)))).toList());
    }

    @Test
    void mergedWeightsAreTheBasePlusTheProductRoundedOnce() throws IOException {
        Path folder = saved("sees", settings(true, "qkv", "down_proj"));
        try (CausalLm base = Models.load(models.resolve("sees"), OPS); CausalLm adapted = Models.load(folder, OPS);
                CausalLm merged = Models.loadMerged(folder, OPS, WeightType.FLOAT32);
                CausalLm narrow = Models.loadMerged(folder, OPS, WeightType.BFLOAT16)) {
            assertEquals(null, merged.params().lora());
            assertEquals(Map.of(), merged.params().adapterWeights());
            base.params().all().forEach((name, v) -> {
                float[] expected = v.value().toFloats();
                String layer = name.replaceFirst("\\.weight$", "");
                if (adapted.params().adapterWeights().containsKey(Adapters.nameOfA(layer))) {
                    float[] a = adapted.params().adapterWeights().get(Adapters.nameOfA(layer)).value().toFloats();
                    float[] b = adapted.params().adapterWeights().get(Adapters.nameOfB(layer)).value().toFloats();
                    int in = v.value().columns();
                    for (int i = 0; i < expected.length; i++) {
                        double sum = 0;
                        for (int r = 0; r < 3; r++) {
                            sum += (double) b[i / in * 3 + r] * a[r * in + i % in];
                        }
                        expected[i] += (float) (2 * sum);
                    }
                    assertArrayEquals(expected, merged.params().get(name).value().toFloats(), 1e-6f, name);
                } else {
                    assertArrayEquals(expected, merged.params().get(name).value().toFloats(), name);
                }
                if (v.value().rank() > 1) {
                    float[] wide = merged.params().get(name).value().toFloats();
                    short[] rounded = narrow.params().get(name).value().toHost().toArray(ValueLayout.JAVA_SHORT);
                    for (int i = 0; i < wide.length; i++) {
                        assertEquals(BFloat16.fromFloat(wide[i]), rounded[i], name);
                    }
                }
            });
            Path plain = Files.createDirectory(temp.resolve("plain"));
            ModelSaver.save(merged, Models.base(folder), plain);
            try (CausalLm loaded = Models.load(plain, OPS)) {
                assertArrayEquals(merged.params().get("visual.blocks.0.attn.qkv.weight").value().toFloats(),
                        loaded.params().get("visual.blocks.0.attn.qkv.weight").value().toFloats());
            }
            assertThrows(IllegalStateException.class, () -> ModelSaver.save(adapted, Models.base(folder), temp.resolve("never")));
        }
    }

    @Test
    void aPathThatStartsFromTheFolderIsFollowed() throws IOException {
        Path folder = saved("text", settings(false, "q_proj"));
        edit(folder, config -> config.put("base_model_name_or_path",
                folder.toAbsolutePath().relativize(models.resolve("text")).toString()));
        assertEquals(models.resolve("text").toRealPath(), Models.base(folder).toRealPath());
    }

    private static void edit(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("adapter_config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(config);
        JSON.writeValue(file.toFile(), config);
    }

    private static void assertRefused(Path folder, String... said) {
        InputException refused = assertThrows(InputException.class, () -> Models.load(folder, OPS).close());
        for (String words : said) {
            assertTrue(refused.getMessage().contains(words), refused.getMessage());
        }
    }

    @Test
    void settingsThatAreNotComputedAreRefusedByName() throws IOException {
        Path folder = saved("text", settings(false, "q_proj"));
        Path good = folder.resolve("adapter_config.json");
        byte[] before = Files.readAllBytes(good);
        edit(folder, config -> config.put("use_dora", true).put("bias", "all").putArray("modules_to_save").add("lm_head"));
        assertRefused(folder, "use_dora = true", "bias = \"all\"", "modules_to_save = [\"lm_head\"]");
        Files.write(good, before);
        edit(folder, config -> config.put("peft_type", "IA3"));
        assertRefused(folder, "peft_type = \"IA3\"");
        Files.write(good, before);
        edit(folder, config -> config.put("init_lora_weights", "pissa"));
        assertRefused(folder, "init_lora_weights = \"pissa\"");
        Files.write(good, before);
        edit(folder, config -> config.putObject("rank_pattern").put("q_proj", 8));
        assertRefused(folder, "rank_pattern = {\"q_proj\":8}");
        Files.write(good, before);
        edit(folder, config -> config.put("a_setting_of_tomorrow", 3));
        assertRefused(folder, "a_setting_of_tomorrow = 3");
        Files.write(good, before);
        edit(folder, config -> config.putNull("a_setting_of_tomorrow").put("another", false));
        Models.load(folder, OPS).close();
        edit(folder, config -> config.put("r", 0));
        assertRefused(folder, "r is 0");
    }

    @Test
    void anotherModelIsRefused() throws IOException {
        Path folder = saved("text", settings(false, "q_proj", "up_proj"));
        edit(folder, config -> config.put("base_model_name_or_path", models.resolve("wide").toString()));
        assertRefused(folder, "[3, 64]", "[3, 96]", "r = 3", "base_model_name_or_path");
        edit(folder, config -> config.put("base_model_name_or_path", models.resolve("sees").toString()));
        assertRefused(folder, "Qwen2ForCausalLM", "Qwen2_5_VLForConditionalGeneration");
        edit(folder, config -> config.put("base_model_name_or_path", "/no/such/folder"));
        assertRefused(folder, "/no/such/folder", "base_model_name_or_path");
        edit(folder, config -> config.put("base_model_name_or_path", folder.toString()));
        assertRefused(folder, "another adapter as its base");
    }

    @Test
    void foreignAndMissingTensorsAreRefused() throws IOException {
        Path folder = saved("text", settings(false, "q_proj"));
        rename(folder, name -> name.replace("layers.1", "layers.7"));
        assertRefused(folder, "no linear layer model.layers.7.self_attn.q_proj");
        rename(folder, name -> name.replace("layers.7", "layers.1").contains("layers.1.self_attn.q_proj.lora_B") ? null
                : name.replace("layers.7", "layers.1"));
        assertRefused(folder, "model.layers.1.self_attn.q_proj.lora_B.weight", "other half");
        rename(folder, name -> name.replace("lora_A", "lora_magnitude_vector"));
        assertRefused(folder, "lora_magnitude_vector");
    }

    @Test
    void targetsThatMatchNothingAreNamedWithWhatThereIs() {
        InputException refused = assertThrows(InputException.class,
                () -> adapted("sees", settings(false, "q_prj", "qkv", "v_proj")).close());
        assertTrue(refused.getMessage().contains("'q_prj' matches no linear layer; did you mean 'q_proj'?"), refused.getMessage());
        assertTrue(refused.getMessage().contains("'qkv' matches only layers of the vision tower"), refused.getMessage());
        assertFalse(refused.getMessage().contains("'v_proj'"), refused.getMessage());
        assertTrue(refused.getMessage().contains("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"), refused.getMessage());
    }

    @Test
    void weightsOfAnOutlineAreNotRead() throws IOException {
        Path folder = saved("text", settings(false, "q_proj"));
        try (CausalLm outline = Models.outline(folder, OPS, WeightType.BFLOAT16)) {
            assertEquals(4, outline.params().adapterWeights().size());
        }
    }
}
