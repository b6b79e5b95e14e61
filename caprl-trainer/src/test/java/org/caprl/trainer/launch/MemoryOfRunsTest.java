package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.MemoryPlan;
import org.caprl.trainer.config.RunConfig;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a plan says of memory against what the run then takes. The captions of random models don't end by themselves. */
class MemoryOfRunsTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"64, 2, 16, 3, 8192, float32, null", "160, 4, 48, 6, 8192, float32, null",
        "160, 4, 48, 6, 1, float32, null", "160, 4, 48, 6, 8192, bfloat16, null", "160, 4, 48, 6, 8192, float32, {r: 8}",
        "160, 4, 48, 6, 8192, bfloat16, \"{r: 8, vision: true}\"", "160, 4, 48, 6, 1, bfloat16, {r: 8}"})
    void thePlanIsWithin15PercentOfTheRun(int hidden, int layers, int newTokens, int captions, int microBatchTokens, String dtype,
            String lora) throws IOException {
        List<String> texts = WorldTexts.all().subList(0, 400);
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            new TinyCheckpoint(true, hidden, 3 * hidden, layers, hidden / 32, 1, 64, 128, 2, 150, 512, 7)
                    .write(temp.resolve("policy"), texts, ops);
            new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 150, 512, 8).write(temp.resolve("answerer"), texts, ops);
        }
        Path file = temp.resolve("run.yaml");
        Files.writeString(file, """
                run: {output: %1$s/runs, name: run}
                threads: 1
                backend: cpu
                data: {train: %1$s/data/train.jsonl, eval: %1$s/data/eval.jsonl, synth: {train: 24, eval: 4, seed: 1}}
                policy: {path: policy, dtype: %5$s, lora: %6$s}
                answerer: {path: answerer, dtype: %5$s, template: short}
                rollout: {captions_per_prompt: %2$d, max_new_tokens: %3$d, max_rows: 16}
                reward: {questions_per_caption: 2}
                trainer: {steps: 3, prompts_per_step: 3, micro_batch_tokens: %4$d, loss: {kl_weight: 0.01}}
                """.formatted(temp, captions, newTokens, microBatchTokens, dtype, lora));
        RunConfig config = ConfigReader.read(RunConfig.class, file, List.of());
        new Launch(config, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                .run(new Launch.Options(false, false));
        List<StepMetrics> steps = MetricsFile.read(temp.resolve("runs/run/metrics.jsonl"));
        double gap = steps.stream().flatMapToDouble(m -> m.get(MetricKey.LOGPROB_GAP_MAX).stream()).max().orElseThrow();
        assertTrue(dtype.equals("float32") || !lora.equals("null") ? gap == 0 : gap > 0 && gap < 0.1,
                "log-probs of sampling and training differ by " + gap);
        MemoryPlan plan = plan(config);
        for (MemoryOwner owner : MemoryOwner.values()) {
            System.out.printf(Locale.ROOT, "%-12s planned %,12d, measured %,12.0f%n", owner.key(), plan.of(owner),
                    most(steps, owner.key()));
        }
        for (MemoryOwner owner : List.of(MemoryOwner.WEIGHTS, MemoryOwner.GRADIENTS, MemoryOwner.OPTIMIZER, MemoryOwner.KV_PAGES)) {
            assertEquals(most(steps, owner.key()), plan.of(owner), owner.key());
        }
        assertClose(plan.of(MemoryOwner.ACTIVATIONS), most(steps, "activations"), "activations");
        assertClose(plan.peak(), most(steps, "native_peak"), "all together");
    }

    private static double most(List<StepMetrics> steps, String owner) {
        return steps.stream().mapToDouble(m -> m.get(MetricKey.memory(owner)).orElseThrow()).max().orElseThrow();
    }

    private static void assertClose(long planned, double measured, String what) {
        System.out.printf(Locale.ROOT, "%s: planned %,d bytes, measured %,.0f%n", what, planned, measured);
        assertTrue(Math.abs(planned - measured) <= 0.15 * measured, what + ": planned " + planned + ", measured " + measured);
    }

    private static MemoryPlan plan(RunConfig config) {
        try (RunInputs inputs = RunInputs.open(config)) {
            Cursor before = inputs.samples().cursor();
            MemoryPlan plan = DryRun.memory(inputs);
            assertEquals(before, inputs.samples().cursor(), "the plan moved the run's samples");
            return plan;
        }
    }
}
