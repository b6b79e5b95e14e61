package org.caprl.core.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.Golden;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logits and gradients of whole models against {@code transformers}. */
class QwenGoldenTest {
    @ParameterizedTest
    @CsvSource({"qwen2_untied,chat,reference", "qwen2_5_vl,single,reference", "qwen2_untied,chat,cpu", "qwen2_5_vl,single,cpu",
        "qwen3,chat,cpu", "llama,chat,cpu", "qwen3_vl,single,cpu"})
    void logitsAndGradientsEqualTransformers(String family, String name, String backend) {
        Path root = Golden.require(family + "/cases/" + name).getParent().getParent();
        try (TensorOps ops = Backends.open(backend, 2).ops();
                CausalLm model = Models.load(root.resolve("checkpoint"), ops);
                SafeTensorsFile golden = SafeTensorsFile.open(root.resolve("cases/" + name + "/tensors.safetensors"));
                SafeTensorsFile grads = SafeTensorsFile.open(root.resolve("cases/" + name + "/grads.safetensors"));
                TensorScope scope = new TensorScope(ops.memory())) {
            int[] ids = Arrays.stream(golden.longs("input.input_ids")).mapToInt(Math::toIntExact).toArray();
            int[] completion = Arrays.stream(golden.longs("completion_ids")).mapToInt(Math::toIntExact).toArray();
            List<CausalLm.ImageInput> images = new ArrayList<>();
            if (golden.contains("input.pixel_values")) {
                long[] grid = golden.longs("input.image_grid_thw");
                images.add(new CausalLm.ImageInput(golden.floats("input.pixel_values"), (int) grid[0], (int) grid[1], (int) grid[2]));
            }
            PackedBatch batch = new PackedBatch(model,
                    List.of(new PackedGroup(new Prompt(name, ids, images), List.of(PackedGroup.Completion.of(completion)))));
            model.params().train();
            Tape tape = new Tape();
            Pass pass = Pass.training(ops, scope, tape);
            Var hidden = batch.hidden(pass);
            Tensor logits = scope.floats(ids.length, model.shape().vocab());
            ops.linear(hidden.value().rows(0, ids.length), model.head().value(), null, logits);
            assertTrue(difference(values(logits), golden.floats("logits")) <= 2e-4);

            tape = new Tape();
            Fn.LogProbs logProbs = batch.logProbs(Pass.training(ops, scope, tape), 1f);
            assertTrue(difference(values(logProbs.logProb().value()), golden.floats("completion_logprobs")) <= 2e-4);
            assertTrue(difference(values(logProbs.entropy().value()), golden.floats("completion_entropy")) <= 2e-4);
            float[] seed = new float[completion.length];
            Arrays.fill(seed, -1f / completion.length);
            logProbs.logProb().seed(scope.floatsOf(seed, seed.length));
            tape.backward();
            model.params().all().forEach((weight, v) -> {
                float[] ours = values(v.grad());
                float[] theirs = grads.floats(grads.contains(weight) ? weight : weight.startsWith("visual.") ? "model." + weight
                        : weight.replaceFirst("^model\\.", "model.language_model."));
                double off = 0;
                double norm = 0;
                for (int i = 0; i < ours.length; i++) {
                    off += Math.pow(ours[i] - theirs[i], 2);
                    norm += Math.pow(theirs[i], 2);
                }
                assertTrue(Math.sqrt(off) <= 1e-3 * Math.sqrt(norm), weight + ": " + Math.sqrt(off) + " of " + Math.sqrt(norm));
            });
        }
    }

    private static float[] values(Tensor t) {
        return t.toFloats();
    }

    private static double difference(float[] ours, float[] theirs) {
        double max = 0;
        for (int i = 0; i < theirs.length; i++) {
            max = Math.max(max, Math.abs(ours[i] - theirs[i]));
        }
        System.out.println("largest difference " + max + " of " + theirs.length);
        return max;
    }
}
