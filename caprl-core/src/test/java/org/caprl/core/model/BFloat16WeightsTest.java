package org.caprl.core.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.Golden;
import org.caprl.core.autograd.Pass;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in bfloat16 compute what float32 models with rounded weights compute. */
class BFloat16WeightsTest {
    private static final int NEW_TOKENS = 6;
    private static final Prompt PROMPT = Prompt.text("prompt", IntStream.range(0, 70).map(i -> i * 37 % 501).toArray());

    static List<String> backends() {
        return Backends.providers().stream().filter(p -> p.probe().works()).map(p -> p.name()).toList();
    }

    /** Products deeper than one chain of sums, and a vocabulary that fills no panel. */
    private static ObjectNode config() {
        return new ObjectMapper().createObjectNode().put("model_type", "qwen2").put("vocab_size", 501).put("hidden_size", 96)
                .put("intermediate_size", 1100).put("num_hidden_layers", 2).put("num_attention_heads", 6).put("num_key_value_heads", 2)
                .put("hidden_act", "silu").put("rms_norm_eps", 1e-6).put("max_position_embeddings", 512).put("rope_theta", 10000.0)
                .put("tie_word_embeddings", true);
    }

    private static CausalLm random(TensorOps ops, WeightType type) {
        return Models.build(config(), "test", ops, new RandomWeights(3, 0.1), type);
    }

    /** Rounds the matrices of a float32 model. */
    private static CausalLm rounded(CausalLm model, TensorOps ops) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            for (var weight : model.params().values()) {
                Tensor value = weight.value();
                if (value.rank() > 1) {
                    Tensor narrow = scope.allocate(DType.BF16, value.shape());
                    ops.copy(value, narrow);
                    ops.copy(narrow, value);
                    value.markWritten();
                }
            }
        }
        return model;
    }

    private static List<Caption> captions(CausalLm model, TensorOps ops, int count) {
        try (BatchGenerator generator = new BatchGenerator(model, ops, TokenText.NONE,
                GeneratorLimits.roomFor(count, count, PROMPT.ids().length, NEW_TOKENS, 256, "test"))) {
            long[] keys = IntStream.range(0, count).asLongStream().toArray();
            SamplingParams params = SamplingParams.sampling(1, NEW_TOKENS, List.of());
            return generator.generate(List.of(GenerationRequest.captions(PROMPT, params, keys))).getFirst().captions();
        }
    }

    private static float[] fullPass(CausalLm model, TensorOps ops, List<Caption> captions) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            List<PackedGroup.Completion> completions = captions.stream().map(c -> PackedGroup.Completion.of(c.ids())).toList();
            PackedBatch batch = new PackedBatch(model, List.of(new PackedGroup(PROMPT, completions)));
            return batch.logProbs(Pass.inference(ops, scope), 1f).logProb().value().toFloats();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64})
    void decodingAndFullPassHaveTheBitsOfRoundedFloat32(int count) {
        try (TensorOps ops = Backends.open("cpu", 2).ops(); CausalLm narrow = random(ops, WeightType.BFLOAT16);
                CausalLm wide = rounded(random(ops, WeightType.FLOAT32), ops)) {
            List<Caption> ours = captions(narrow, ops, count);
            List<Caption> theirs = captions(wide, ops, count);
            float[] full = fullPass(narrow, ops, ours);
            assertArrayEquals(fullPass(wide, ops, theirs), full);
            for (int i = 0; i < count; i++) {
                assertArrayEquals(theirs.get(i).ids(), ours.get(i).ids());
                assertArrayEquals(theirs.get(i).temperedLogProbs(), ours.get(i).temperedLogProbs());
                assertArrayEquals(Arrays.copyOfRange(full, i * NEW_TOKENS, (i + 1) * NEW_TOKENS), ours.get(i).temperedLogProbs());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void everyBackendComputesWithThem(String backend) {
        try (TensorOps ops = Backends.open(backend, 2).ops(); CausalLm narrow = random(ops, WeightType.BFLOAT16);
                CausalLm wide = rounded(random(ops, WeightType.FLOAT32), ops)) {
            List<Caption> captions = captions(wide, ops, 2);
            assertArrayEquals(fullPass(wide, ops, captions), fullPass(narrow, ops, captions), 1e-4f);
        }
    }

    @Test
    void matricesTakeTwoBytesAWeight() {
        long vectors;
        long matrices;
        long[] bytes = new long[2];
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            try (CausalLm wide = random(ops, WeightType.FLOAT32)) {
                bytes[0] = ops.memory().peakBytes(MemoryOwner.WEIGHTS);
                vectors = wide.params().values().stream().filter(v -> v.value().rank() == 1).mapToLong(v -> v.value().size()).sum();
                matrices = wide.params().count() - vectors;
            }
            ops.memory().resetPeak();
            try (CausalLm narrow = random(ops, WeightType.BFLOAT16)) {
                bytes[1] = ops.memory().peakBytes(MemoryOwner.WEIGHTS);
                assertEquals(2 * matrices + 4 * vectors, narrow.params().bytes());
            }
        }
        assertTrue(bytes[1] <= 0.51 * bytes[0], bytes[1] + " of " + bytes[0]);
        assertTrue(bytes[1] >= 2 * matrices + 4 * vectors);
    }

    @Test
    void theyAreNotTrained() {
        try (TensorOps ops = Backends.open("cpu", 1).ops(); CausalLm narrow = random(ops, WeightType.BFLOAT16)) {
            assertThrows(IllegalStateException.class, () -> narrow.params().train());
        }
    }

    /** Weights stored in bfloat16 are the same numbers in either type: {@code transformers}' logits of them, and the same bits. */
    @ParameterizedTest
    @CsvSource({"qwen2_untied,chat", "qwen2_tied,chat", "qwen3,chat", "llama,chat", "qwen2_5_vl,single", "qwen3_vl,single"})
    void checkpointsInBFloat16GiveTransformersLogits(String family, String name) {
        Path computed = Golden.require(family + "/cases/" + name + "/hub_bf16_tensors.safetensors");
        Path root = Golden.require(family + "/checkpoint_hub_layout").getParent();
        try (TensorOps ops = Backends.open("cpu", 2).ops();
                SafeTensorsFile inputs = SafeTensorsFile.open(root.resolve("cases/" + name + "/tensors.safetensors"));
                SafeTensorsFile golden = SafeTensorsFile.open(computed)) {
            float[] expected = golden.floats("logits_last24");
            List<float[]> logits = new ArrayList<>();
            for (WeightType type : WeightType.values()) {
                try (CausalLm model = Models.load(root.resolve("checkpoint_hub_layout"), ops, type)) {
                    logits.add(logits(model, ops, inputs, 24));
                }
            }
            assertArrayEquals(logits.get(0), logits.get(1));
            double largest = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i] - logits.get(1)[i]));
            }
            System.out.println(family + ": largest difference of bfloat16 logits from transformers " + largest);
            assertTrue(largest <= 2e-4, () -> family + " is off");
        }
    }

    private static float[] logits(CausalLm model, TensorOps ops, SafeTensorsFile inputs, int last) {
        int[] ids = Arrays.stream(inputs.longs("input.input_ids")).mapToInt(Math::toIntExact).toArray();
        List<CausalLm.ImageInput> images = new ArrayList<>();
        if (inputs.contains("input.pixel_values")) {
            long[] grid = inputs.longs("input.image_grid_thw");
            images.add(new CausalLm.ImageInput(inputs.floats("input.pixel_values"), (int) grid[0], (int) grid[1], (int) grid[2]));
        }
        try (TensorScope scope = new TensorScope(ops.memory())) {
            PackedBatch batch = new PackedBatch(model,
                    List.of(new PackedGroup(new Prompt("golden", ids, images), List.of(PackedGroup.Completion.of(new int[] {0})))));
            Tensor hidden = batch.hidden(Pass.inference(ops, scope)).value();
            Tensor logits = scope.floats(last, model.shape().vocab());
            ops.linear(hidden.rows(ids.length - last, ids.length), model.head().value(), null, logits);
            return logits.toFloats();
        }
    }
}
