package org.caprl.core.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.Golden;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Tape;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters as peft computes them: logits with, without and merged, log-probs, gradients, merged weights. */
class LoraGoldenTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @CsvSource({"plain,reference", "plain,cpu", "rslora,reference", "rslora,cpu"})
    void computesWhatPeftComputes(String variant, String backend) throws IOException {
        Path folder = Golden.require("lora/" + variant);
        JsonNode meta = new ObjectMapper().readTree(folder.resolve("meta.json").toFile());
        Path base = Golden.require(meta.get("checkpoint").asText());
        try (TensorOps ops = Backends.open(backend, 2).ops();
                AdapterFolder adapter = AdapterFolder.open(folder.resolve("adapter"), base);
                CausalLm model = adapter.model(ops, WeightType.FLOAT32);
                CausalLm merged = adapter.merged(ops, WeightType.FLOAT32);
                SafeTensorsFile golden = SafeTensorsFile.open(folder.resolve("tensors.safetensors"));
                SafeTensorsFile grads = SafeTensorsFile.open(folder.resolve("grads.safetensors"));
                TensorScope scope = new TensorScope(ops.memory())) {
            int[] ids = Arrays.stream(golden.longs("input_ids")).mapToInt(Math::toIntExact).toArray();
            int promptLength = meta.get("prompt_len").intValue();
            int[] completion = Arrays.copyOfRange(ids, promptLength, ids.length);
            PackedBatch batch = batch(model, Arrays.copyOf(ids, promptLength), completion);
            Pass inference = Pass.inference(ops, scope);
            assertLogits(golden.floats("logits_adapter"), batch, model, inference);
            assertLogits(golden.floats("logits_base"), batch, model, inference.withoutAdapters());
            assertLogits(golden.floats("logits_merged"), batch(merged, Arrays.copyOf(ids, promptLength), completion), merged, inference);
            for (String name : golden.names()) {
                if (name.startsWith("merged.")) {
                    assertClose(golden.floats(name), merged.params().get(name.substring("merged.".length())).value().toFloats(), name);
                }
            }

            model.params().train();
            assertEquals(meta.get("grad_norms").size(), model.params().trainable().size());
            Tape tape = new Tape();
            Fn.LogProbs logProbs = batch.logProbs(Pass.training(ops, scope, tape), 1f);
            assertClose(golden.floats("completion_logprobs"), logProbs.logProb().value().toFloats(), "log-probs");
            float[] seed = new float[completion.length];
            Arrays.fill(seed, -1f / completion.length);
            logProbs.logProb().seed(scope.floatsOf(seed, seed.length));
            tape.backward();
            model.params().trainable().forEach((name, v) -> {
                float[] theirs = grads.floats(PeftNames.PREFIX + name.replace(".weight", ".default.weight"));
                assertClose(theirs, v.grad().toFloats(), name);
            });
            assertTrue(model.params().values().stream().noneMatch(Var::requiresGrad), "the base is frozen");
        }
    }

    private static PackedBatch batch(CausalLm model, int[] prompt, int[] completion) {
        return new PackedBatch(model, List.of(new PackedGroup(Prompt.text("lora", prompt),
                List.of(PackedGroup.Completion.of(completion)))));
    }

    /** The last id of a completion takes no row. */
    private static void assertLogits(float[] expected, PackedBatch batch, CausalLm model, Pass pass) {
        Tensor logits = pass.scope().floats(batch.rows(), model.shape().vocab());
        pass.ops().linear(batch.hidden(pass).value(), model.head().value(), null, logits);
        float[] found = logits.toFloats();
        assertClose(Arrays.copyOf(expected, found.length), found, "logits");
    }

    private static void assertClose(float[] expected, float[] found, String name) {
        assertEquals(expected.length, found.length, name);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs((double) expected[i] - found[i]) / Math.max(1, Math.abs(expected[i])));
        }
        assertTrue(worst <= TOLERANCE, name + " is off by " + worst);
    }
}
