package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.DryOps;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.trainer.config.MemoryPlan;
import org.caprl.trainer.config.RunConfig;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plans of the shipped configurations from config.json files of the published sizes, and of a small run that lost its weights. */
class ConfigPlanTest {
    private static final long VOCAB = 151_936;
    private static final long ALIGNMENT = 64;
    private static final long GIB = 1L << 30;
    private static final String QWEN25_TEXT = """
            "hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2, "intermediate_size": 11008,
            "vocab_size": 151936, "tie_word_embeddings": true, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,""";

    @TempDir
    Path temp;

    /** A published policy. */
    private enum Policy {
        QWEN25_VL_3B("caprl-qwen2.5vl-3b", 36, 2048, """
                {"model_type": "qwen2_5_vl", "max_position_embeddings": 128000,
                 "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, %s
                 "vision_config": {"hidden_size": 1280, "in_chans": 3, "out_hidden_size": 2048, "spatial_patch_size": 14}}
                """.formatted(QWEN25_TEXT)) {
            @Override
            long parameters() {
                long block = linear(3 * 1280, 1280) + linear(1280, 1280) + 2 * linear(3420, 1280) + linear(1280, 3420) + 2 * 1280;
                long tower = 1280 * 3 * 2 * 14 * 14 + 32 * block + 1280 + linear(5120, 5120) + linear(2048, 5120);
                return qwen25Text() + tower;
            }
        },
        QWEN3_VL_2B("caprl-qwen3vl-2b", 28, 2048, qwen3Vl(28, 2048, 16, 6144)) {
            @Override
            long parameters() {
                return VOCAB * 2048 + qwen3Text(28, 2048, 16, 6144) + qwen3Tower(2048);
            }
        },
        QWEN3_VL_4B("caprl-qwen3vl-4b", 36, 2560, qwen3Vl(36, 2560, 32, 9728)) {
            @Override
            long parameters() {
                return VOCAB * 2560 + qwen3Text(36, 2560, 32, 9728) + qwen3Tower(2560);
            }
        },
        INTERNVL35_8B("caprl-internvl3.5-8b", 36, 4096, """
                {"model_type": "internvl_chat", "downsample_ratio": 0.5, "dynamic_image_size": true, "force_image_size": 448,
                 "max_dynamic_patch": 12, "use_thumbnail": true, "ps_version": "v2",
                 "llm_config": {"model_type": "qwen3", "hidden_size": 4096, "num_hidden_layers": 36, "num_attention_heads": 32,
                  "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 12288, "vocab_size": 151936,
                  "tie_word_embeddings": false, "max_position_embeddings": 40960, "rope_theta": 1000000.0},
                 "vision_config": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
                  "image_size": 448, "patch_size": 14, "qkv_bias": true, "qk_normalization": false, "norm_type": "layer_norm"}}
                """) {
            @Override
            long parameters() {
                long tower = 1024 + linear(1024, 3 * 14 * 14) + 1025 * 1024 + 24 * (vitBlock() + 2 * 1024);
                long projector = 2 * 4096 + 2 * linear(4096, 4096);
                return 2 * VOCAB * 4096 + qwen3Text(36, 4096, 32, 12288) + tower + projector;
            }
        };

        private final String config;
        private final int layers;
        private final int hidden;
        private final String json;

        Policy(String config, int layers, int hidden, String json) {
            this.config = config;
            this.layers = layers;
            this.hidden = hidden;
            this.json = json;
        }

        abstract long parameters();
    }

    private static String qwen3Vl(int layers, int hidden, int heads, int inner) {
        return """
                {"model_type": "qwen3_vl", "tie_word_embeddings": true,
                 "text_config": {"hidden_size": %2$d, "num_hidden_layers": %1$d, "num_attention_heads": %3$d, "num_key_value_heads": 8,
                  "head_dim": 128, "intermediate_size": %4$d, "vocab_size": 151936, "max_position_embeddings": 262144,
                  "rope_theta": 5000000.0, "rope_scaling": {"mrope_interleaved": true, "mrope_section": [24, 20, 20]}},
                 "vision_config": {"depth": 24, "hidden_size": 1024, "num_heads": 16, "intermediate_size": 4096, "patch_size": 16,
                  "out_hidden_size": %2$d, "deepstack_visual_indexes": [5, 11, 17]}}
                """.formatted(layers, hidden, heads, inner);
    }

    private static long linear(long out, long in) {
        return out * in + out;
    }

    private static long qwen25Text() {
        long block = linear(2048, 2048) + 2 * linear(256, 2048) + 2048 * 2048 + 3 * 2048 * 11008 + 2 * 2048;
        return VOCAB * 2048 + 36 * block + 2048;
    }

    private static long qwen3Text(long layers, long hidden, long heads, long inner) {
        long block = 2 * heads * 128 * hidden + 2 * 1024 * hidden + 2 * 128 + 3 * hidden * inner + 2 * hidden;
        return layers * block + hidden;
    }

    private static long vitBlock() {
        return linear(3 * 1024, 1024) + linear(1024, 1024) + linear(4096, 1024) + linear(1024, 4096) + 4 * 1024;
    }

    private static long qwen3Tower(long out) {
        long merger = linear(4096, 4096) + linear(out, 4096);
        return linear(1024, 3 * 2 * 16 * 16) + 2304 * 1024 + 24 * vitBlock() + 2 * 1024 + merger + 3 * (2 * 4096 + merger);
    }

    private RunConfig config(Policy policy, String... more) throws IOException {
        Path answerer = Files.createDirectories(temp.resolve("answerer"));
        Files.writeString(answerer.resolve("config.json"),
                "{\"model_type\": \"qwen2\", " + QWEN25_TEXT + " \"max_position_embeddings\": 32768}");
        Path folder = Files.createDirectories(temp.resolve("policy"));
        Files.writeString(folder.resolve("config.json"), policy.json);
        List<String> overrides = new ArrayList<>(List.of("policy.path=" + folder, "answerer.path=" + answerer,
                "data.train=" + temp + "/*.parquet"));
        overrides.addAll(List.of(more));
        return ConfigReader.read(RunConfig.class, Path.of("../configs/" + policy.config + ".yaml"), overrides);
    }

    private static void assertAtLeast(long bytes, long planned, String what) {
        assertTrue(planned >= bytes && planned <= bytes + 2000 * ALIGNMENT, what + ": planned " + planned + ", the shapes say " + bytes);
    }

    @ParameterizedTest
    @EnumSource
    void weightsGradientsAndOptimizerFollowFromTheShapes(Policy policy) throws IOException {
        RunConfig config = config(policy);
        assertEquals(128, config.trainer().promptsPerStep());
        try (DryOps ops = new DryOps(); CausalLm outline = Models.outline(config.policy().path(), ops, WeightType.FLOAT32)) {
            assertEquals(policy.parameters(), outline.params().count());
        }
        MemoryPlan plan = Assertions.assertTimeout(Duration.ofMinutes(1), () -> ConfigPlan.memory(config));
        System.out.printf("%s: %,d parameters%n%s%n", policy, policy.parameters(), plan.text());
        assertAtLeast(4 * policy.parameters(), plan.of(MemoryOwner.GRADIENTS), "gradients");
        assertAtLeast(8 * policy.parameters(), plan.of(MemoryOwner.OPTIMIZER), "optimizer");
        long vectors = 36 * (2 * 2048 + 2048 + 2 * 256) + 2048;
        assertAtLeast(4 * policy.parameters() + 2 * qwen25Text() + 2 * vectors, plan.of(MemoryOwner.WEIGHTS), "weights");
        long inputsOfBlocks = 4L * policy.layers * policy.hidden * (8 * config.rollout().maxNewTokens() + 1000);
        long activations = plan.of(MemoryOwner.ACTIVATIONS);
        assertTrue(activations > inputsOfBlocks && activations < inputsOfBlocks + 12 * GIB, "activations " + activations);
        long most = List.of(MemoryOwner.values()).stream().mapToLong(plan::of).sum();
        long always = plan.of(MemoryOwner.GRADIENTS) + plan.of(MemoryOwner.OPTIMIZER) + plan.of(MemoryOwner.WEIGHTS)
                + plan.of(MemoryOwner.KV_PAGES);
        assertTrue(plan.peak() > always && plan.peak() <= most, "together " + plan.peak());
    }

    @ParameterizedTest
    @EnumSource
    void adaptersTakeAFractionOfGradientsAndOptimizer(Policy policy) throws IOException {
        MemoryPlan plan = ConfigPlan.memory(config(policy, "policy.dtype=bfloat16", "policy.lora={r: 16}"));
        assertTrue(plan.of(MemoryOwner.GRADIENTS) < 4 * policy.parameters() / 50, "gradients " + plan.of(MemoryOwner.GRADIENTS));
        assertTrue(plan.of(MemoryOwner.OPTIMIZER) >= 2 * plan.of(MemoryOwner.GRADIENTS));
        assertTrue(plan.of(MemoryOwner.WEIGHTS) < 2.2 * policy.parameters() + 2.2 * qwen25Text(),
                "weights " + plan.of(MemoryOwner.WEIGHTS));
    }

    @Test
    void thePlanSaysWhatIsMissingAndWhatItSupposes() throws IOException {
        RunConfig config = config(Policy.QWEN3_VL_2B, "rollout.max_new_tokens=32", "rollout.max_rows=8");
        String text = plan(config);
        for (String part : List.of("from config.json alone", "weights in " + temp.resolve("policy"),
                "tokenizer.json in " + temp.resolve("answerer"), "data in " + temp + "/*.parquet", "1344 x 1008 pixels", "972 tokens",
                "gradients", "Java heap   ", "over rows that were not counted")) {
            assertTrue(text.contains(part), "'" + part + "' is not in\n" + text);
        }
    }

    @Test
    void aRunThatLostItsWeightsIsPlannedLikeTheWholeOne() throws IOException {
        RunConfig config = TinyRun.write(temp, 2, "", "").config();
        assertEquals(List.of(), ConfigPlan.missing(config));
        String whole = plan(config);
        assertFalse(whole.contains("config.json alone"), whole);
        Files.delete(temp.resolve("policy/model.safetensors"));
        String planned = plan(config);
        assertTrue(planned.contains("what is not there: weights in " + temp.resolve("policy") + System.lineSeparator()), planned);
        for (String owner : List.of("weights", "gradients", "optimizer")) {
            assertEquals(line(whole, owner), line(planned, owner));
        }
    }

    private static String line(String text, String name) {
        return text.lines().filter(l -> l.startsWith("  " + name + " ")).findFirst().orElseThrow();
    }

    private static String plan(RunConfig config) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Launch(config, new PrintStream(out, true, StandardCharsets.UTF_8)).run(new Launch.Options(true, false));
        return out.toString(StandardCharsets.UTF_8);
    }
}
