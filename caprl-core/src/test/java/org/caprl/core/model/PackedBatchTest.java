package org.caprl.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.PackedGroup.Completion;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups packed behind their shared prompts are the same as every caption alone behind its own copy of the prompt. */
class PackedBatchTest {
    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path temp;

    private final TensorOps ops = Backends.open("cpu", 1).ops();
    private final Random random = new Random(5);

    @AfterEach
    void close() {
        ops.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "qwen3", "llama", "qwen2_5_vl", "qwen3_vl", "internvl"})
    void logProbsAndGradientsAreThoseOfSeparateSequences(String family) throws IOException {
        Path folder = temp.resolve("tiny");
        boolean vision = family.endsWith("vl");
        new TinyCheckpoint(family, 64, 64, 2, 2, 1, 32, 32, 2, 20, 128, 7).write(folder, List.of("a red circle"), ops);
        try (CausalLm model = Models.load(folder, ops)) {
            model.params().train();
            List<PackedGroup> groups = List.of(
                    new PackedGroup(prompt(model, vision, 4, 6), List.of(ids(5), ids(1), ids(0), ids(3))),
                    new PackedGroup(prompt(model, vision, 6, 4), List.of(ids(2), new Completion(new int[] {9, 8, 7, 6}, 2))));
            PackedBatch packed = new PackedBatch(model, groups);
            assertEquals(groups.stream().mapToInt(g -> g.prompt().ids().length).sum() + 4 + 0 + 0 + 2 + 1 + 3, packed.rows());
            assertEquals(vision ? 2 : 0, packed.imageCount());
            List<Float> together = new ArrayList<>();
            run(packed, together);
            Map<String, float[]> shared = gradients(model);
            model.params().zeroGradients(ops);

            List<Float> alone = new ArrayList<>();
            for (PackedGroup group : groups) {
                for (Completion completion : group.completions()) {
                    if (completion.scored() > 0) {
                        run(new PackedBatch(model, List.of(new PackedGroup(group.prompt(), List.of(completion)))), alone);
                    }
                }
            }
            assertEquals(packed.scored(), together.size());
            assertEquals(together.size(), alone.size());
            for (int i = 0; i < alone.size(); i++) {
                assertEquals(alone.get(i), together.get(i), TOLERANCE * Math.abs(alone.get(i)), "log-prob " + i);
            }
            Map<String, float[]> separate = gradients(model);
            double total = Math.sqrt(separate.values().stream().mapToDouble(g -> Math.pow(norm(g, null), 2)).sum());
            assertTrue(total > 1, "gradient norm " + total);
            separate.forEach((name, g) -> assertTrue(norm(g, shared.get(name)) <= TOLERANCE * (norm(g, null) + 1e-3 * total),
                    () -> name + " differs by " + norm(g, shared.get(name)) + " of " + norm(g, null)));
        }
    }

    /** Adds the log-probs to {@code all} and the gradient of Σ w_i logp_i to the weights, i counted over all calls with this list. */
    private void run(PackedBatch batch, List<Float> all) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tape tape = new Tape();
            Fn.LogProbs result = batch.logProbs(Pass.training(ops, scope, tape), 0.8f);
            float[] w = new float[batch.scored()];
            for (int i = 0; i < w.length; i++) {
                w[i] = (float) Math.sin(1.0 + all.size() + i);
            }
            for (float logp : values(result.logProb().value())) {
                all.add(logp);
            }
            result.logProb().seed(scope.floatsOf(w, w.length));
            tape.backward();
        }
    }

    private Prompt prompt(CausalLm model, boolean vision, int gridH, int gridW) {
        int[] text = {1, 2, 3, 4, 5};
        if (!vision) {
            return Prompt.text("text", text);
        }
        ImageInput image = RandomImage.of(model, gridH, gridW, random);
        int[] ids = IntStream.concat(IntStream.concat(IntStream.of(11),
                IntStream.range(0, RandomImage.tokens(image)).map(_ -> model.imageToken())), IntStream.of(text)).toArray();
        return new Prompt("image", ids, List.of(image));
    }

    private Completion ids(int n) {
        return Completion.of(random.ints(n, 0, 200).toArray());
    }

    private static Map<String, float[]> gradients(CausalLm model) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        model.params().all().forEach((name, v) -> gradients.put(name, values(v.grad())));
        return gradients;
    }

    private static float[] values(Tensor t) {
        return t.toFloats();
    }

    /** ‖a - b‖, or ‖a‖ where b is null. */
    private static double norm(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double d = (double) a[i] - (b == null ? 0 : b[i]);
            sum += d * d;
        }
        return Math.sqrt(sum);
    }
}
