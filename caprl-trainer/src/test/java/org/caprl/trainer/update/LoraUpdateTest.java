package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.caprl.core.Golden;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlEstimator;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.caprl.trainer.recipe.SftRecipe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training of adapters: what moves, what stays, what it must not depend on, and peft's own numbers. */
class LoraUpdateTest {
    private static final AdamW.Settings NO_CLIPPING = new AdamW.Settings(0.9, 0.999, 1e-8, 0, 0);
    private static final GrpoLoss WITH_KL = new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), new KlPenalty(0.04, KlEstimator.K3, false),
            0, LossAverage.DAPO);
    private static final LoraSettings PLAIN = new LoraSettings(4, 8, 0, false, List.of("*"), true);
    private static final LoraSettings DROPPING = new LoraSettings(4, 8, 0.25, false, List.of("*"), true);

    @TempDir
    Path temp;

    private final TensorOps ops = Backends.open("cpu", 1).ops();
    private Path checkpoint;

    @BeforeEach
    void write() throws IOException {
        checkpoint = temp.resolve("tiny");
        new TinyCheckpoint(true, 64, 64, 2, 2, 1, 32, 32, 2, 20, 128, 7).write(checkpoint, List.of("a red circle"), ops);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private CausalLm policy(TensorOps on, LoraSettings settings, WeightType type) {
        return Models.load(checkpoint, on, type, Adapters.fresh(settings, 5));
    }

    /** Three updates. The captions are of the first policy, whose log-probs the trainer must give to the bit. */
    private List<UpdateReport> train(TensorOps on, CausalLm policy, List<TrainingGroup> groups, int microBatchTokens, Recompute recompute) {
        List<UpdateReport> reports = new ArrayList<>();
        try (AdamW optimizer = new AdamW(on, policy.params(), NO_CLIPPING)) {
            PolicyUpdate update = new PolicyUpdate(on, policy, policy, optimizer,
                    new LearningRateSchedule(1e-2, 0, 100, LearningRateSchedule.Shape.CONSTANT), WITH_KL,
                    new PolicyUpdate.Settings(1, microBatchTokens, recompute, 0.8f, 10, 9));
            for (int step = 0; step < 3; step++) {
                reports.add(update.step(groups));
            }
        }
        return reports;
    }

    private List<TrainingGroup> rollout(CausalLm policy) {
        return Rollouts.of(ops, policy, 3, 3, 10, 0.8f);
    }

    private static Map<String, float[]> values(Map<String, Var> weights) {
        Map<String, float[]> values = new TreeMap<>();
        weights.forEach((name, v) -> values.put(name, v.value().toFloats()));
        return values;
    }

    private static Map<String, byte[]> bytes(Map<String, Var> weights) {
        Map<String, byte[]> values = new TreeMap<>();
        weights.forEach((name, v) -> values.put(name, v.value().toHost().toArray(ValueLayout.JAVA_BYTE)));
        return values;
    }

    /** In float32 and over a base in bfloat16 alike: one set of weights serves rollout, training and reference. */
    @ParameterizedTest
    @EnumSource(WeightType.class)
    void adaptersAloneAreTrainedAndRolloutAndTrainerAgreeToTheBit(WeightType type) {
        try (CausalLm policy = policy(ops, PLAIN, type)) {
            Params params = policy.params();
            Map<String, byte[]> base = bytes(params.all());
            Map<String, float[]> fresh = values(params.adapterWeights());
            List<UpdateReport> reports = train(ops, policy, rollout(policy), 4096, Recompute.NONE);
            assertEquals(0, reports.getFirst().gapMax());
            assertEquals(0, reports.getFirst().kl(), "fresh adapters are the reference");
            assertTrue(reports.getLast().kl() > 1e-6, "the reference stays behind");
            Map<String, byte[]> after = bytes(params.all());
            base.forEach((name, before) -> assertArrayEquals(before, after.get(name), name));
            values(params.adapterWeights()).forEach((name, moved) ->
                    assertTrue(!Arrays.equals(fresh.get(name), moved), name + " did not move"));
            params.values().forEach(v -> assertNull(v.grad()));
            assertEquals(0, train(ops, policy, rollout(policy), 4096, Recompute.NONE).getFirst().gapMax(), "with trained adapters too");
            long gradients = 4 * params.trainableCount();
            assertEquals(gradients, ops.memory().peakBytes(MemoryOwner.GRADIENTS));
            assertEquals(2 * gradients, ops.memory().peakBytes(MemoryOwner.OPTIMIZER));
        }
    }

    /** Dropout included: masks belong to rows, not to the pass that computes them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void neitherMemoryNorThreadsChangeABit(int r) {
        LoraSettings settings = new LoraSettings(r, 8, 0.25, false, List.of("*"), true);
        Map<String, float[]> expected;
        List<UpdateReport> reports;
        List<TrainingGroup> groups;
        try (CausalLm policy = policy(ops, settings, WeightType.FLOAT32)) {
            groups = rollout(policy);
            reports = train(ops, policy, groups, 4096, Recompute.NONE);
            expected = values(policy.params().adapterWeights());
        }
        assertTrue(reports.get(1).gapMax() > 0);
        for (int threads : new int[] {1, 2, 3}) {
            for (Recompute recompute : Recompute.values()) {
                try (TensorOps others = Backends.open("cpu", threads).ops();
                        CausalLm policy = policy(others, settings, WeightType.FLOAT32)) {
                    assertEquals(reports, train(others, policy, groups, 1, recompute), threads + " threads, " + recompute);
                    values(policy.params().adapterWeights()).forEach((name, found) -> assertArrayEquals(expected.get(name), found, name));
                }
            }
        }
    }

    /** What one image's captions get from dropout does not depend on the images that are packed with it. */
    @Test
    void supervisedTrainingIsTheSameForAnyMicroBatch() {
        List<PackedGroup> groups = new ArrayList<>();
        try (CausalLm policy = policy(ops, DROPPING, WeightType.FLOAT32)) {
            rollout(policy).forEach(g -> groups.add(g.packed()));
        }
        double[] losses = sft(groups, 4096);
        assertTrue(losses[losses.length - 1] < 0.9 * losses[0], Arrays.toString(losses));
        assertArrayEquals(losses, sft(groups, 1), 1e-4);
    }

    private double[] sft(List<PackedGroup> groups, int microBatchTokens) {
        try (CausalLm model = policy(ops, DROPPING, WeightType.FLOAT32); AdamW optimizer = new AdamW(ops, model.params(), NO_CLIPPING)) {
            List<Double> losses = new ArrayList<>();
            new SftRecipe(ops, model, optimizer, new LearningRateSchedule(1e-2, 0, 100, LearningRateSchedule.Shape.CONSTANT),
                    new SftRecipe.Settings(12, groups.size(), microBatchTokens, 3))
                    .run(index -> groups.get((int) (index % groups.size())), report -> losses.add(report.loss()));
            return losses.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    /** Three steps of {@code torch.optim.AdamW} on the adapters of peft. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "rslora"})
    void adamWStepsEqualThoseOfPeft(String variant) throws IOException {
        Path golden = Golden.require("lora/" + variant);
        JsonNode meta = new ObjectMapper().readTree(golden.resolve("meta.json").toFile());
        Path adapter = Files.createDirectory(temp.resolve("adapter"));
        Files.copy(golden.resolve("adapter/adapter_model.safetensors"), adapter.resolve("adapter_model.safetensors"));
        Files.writeString(adapter.resolve("adapter_config.json"), Files.readString(golden.resolve("adapter/adapter_config.json"))
                .replace("\"" + meta.get("checkpoint").asText() + "\"", "\"" + Golden.require(meta.get("checkpoint").asText()) + "\""));
        JsonNode adamw = meta.get("adamw");
        try (CausalLm model = Models.load(adapter, ops);
                AdamW optimizer = new AdamW(ops, model.params(),
                        new AdamW.Settings(0.9, 0.999, 1e-8, adamw.get("weight_decay").asDouble(), 0));
                SafeTensorsFile tensors = SafeTensorsFile.open(golden.resolve("tensors.safetensors"))) {
            int[] ids = Arrays.stream(tensors.longs("input_ids")).mapToInt(Math::toIntExact).toArray();
            int prompt = meta.get("prompt_len").intValue();
            PackedGroup group = new PackedGroup(Prompt.text(variant, Arrays.copyOf(ids, prompt)),
                    List.of(PackedGroup.Completion.of(Arrays.copyOfRange(ids, prompt, ids.length))));
            List<Double> losses = new ArrayList<>();
            LearningRateSchedule rate = new LearningRateSchedule(adamw.get("lr").asDouble(), 0, 3, LearningRateSchedule.Shape.CONSTANT);
            new SftRecipe(ops, model, optimizer, rate, new SftRecipe.Settings(3, 1, 4096, 0)).run(_ -> group, r -> losses.add(r.loss()));
            for (int step = 0; step < 3; step++) {
                assertEquals(adamw.get("losses").get(step).asDouble(), losses.get(step), 1e-4);
            }
            model.params().adapterWeights().forEach((name, v) -> {
                float[] theirs = tensors.floats("adamw_final.base_model.model." + name.replace(".weight", ".default.weight"));
                assertArrayEquals(theirs, v.value().toFloats(), 1e-4f, name);
            });
        }
    }
}
