package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.SftConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that train adapters of two tiny random models: repeated, continued, evaluated, refused. */
class LoraRunTest {
    private static final int STEPS = 4;

    @TempDir
    static Path temp;

    private static TinyRun runs;
    private static Path undisturbed;

    @BeforeAll
    static void oneRun() throws IOException {
        runs = TinyRun.write(temp, STEPS, ", dtype: bfloat16, lora: {r: 4, alpha: 8, dropout: 0.1, vision: true}",
                ", loss: {kl_weight: 0.02}");
        undisturbed = runs.run();
    }

    @Test
    void aCheckpointHoldsTheAdaptersAndTheStateAndNothingOfTheBase() throws IOException {
        assertEquals(Set.of("adapter_config.json", "adapter_model.safetensors", "train_state"),
                TinyRun.names(undisturbed.resolve("checkpoints/step-" + STEPS)));
    }

    /** Threads, micro-batches and recomputation change no byte, with dropout and a base in bfloat16. */
    @Test
    void threadsAndMemoryDoNotChangeTheNumbers() throws IOException {
        Path two = runs.run("run.name=two", "threads=2", "trainer.micro_batch_tokens=1");
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(two));
        assertSameCheckpoint(two, STEPS);
    }

    @Test
    void aContinuedRunEndsInTheSameBytes() throws IOException {
        Path run = runs.run("run.name=continued");
        AtomicDirectory.delete(run.resolve("checkpoints/step-" + STEPS));
        AtomicDirectory.delete(run.resolve("checkpoints/step-" + (STEPS - 1)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        runs.launch(out, false, "run.name=continued");
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("continuing run"), "it began from the start");
        assertEquals(TinyRun.repeatable(undisturbed), TinyRun.repeatable(run));
        for (int step = 1; step <= STEPS; step++) {
            assertSameCheckpoint(run, step);
        }
    }

    private static void assertSameCheckpoint(Path run, int step) throws IOException {
        String name = "checkpoints/step-" + step;
        assertEquals(TinyRun.files(undisturbed.resolve(name)), TinyRun.files(run.resolve(name)), name);
    }

    /** Without dropout, in either type of the base: sampling and training read the same weights. */
    @Test
    void theGapIsZeroWithoutDropout() {
        for (String dtype : List.of("float32", "bfloat16")) {
            Path run = runs.run("run.name=gap-" + dtype, "policy.dtype=" + dtype, "policy.lora.dropout=0", "trainer.steps=2");
            MetricsFile.read(run.resolve("metrics.jsonl")).stream().skip(1)
                    .forEach(m -> assertEquals(0, m.get(MetricKey.LOGPROB_GAP_MAX).orElseThrow(), dtype));
        }
        assertTrue(MetricsFile.read(undisturbed.resolve("metrics.jsonl")).getLast().get(MetricKey.LOGPROB_GAP_MAX).orElseThrow() > 0);
    }

    /** What the run measured at its end is what its checkpoint's folder gives, to the digit. */
    @Test
    void theEvaluationOfACheckpointIsThatOfTheRun() {
        RunConfig evaluated = runs.config("policy.path=" + undisturbed.resolve("checkpoints/step-" + STEPS));
        EvalLaunch.Result result = new EvalLaunch(evaluated, Optional.empty(), false).run(_ -> { });
        assertEquals(TinyRun.repeatable(undisturbed).getLast().get(MetricKey.EVAL_QA_ACCURACY).orElseThrow(), result.report().qaAccuracy());
    }

    @Test
    void mistakesAreNamedAndNothingIsWritten() throws IOException {
        Set<String> before = TinyRun.names(temp.resolve("runs"));
        InputException targets = assertThrows(InputException.class, () -> runs.run("run.name=never", "policy.lora.targets=[q_prj]"));
        assertTrue(targets.getMessage().contains("'q_prj' matches no linear layer; did you mean 'q_proj'?"), targets.getMessage());
        InputException rank = assertThrows(InputException.class, () -> runs.run("run.name=never", "policy.lora.r=0"));
        assertTrue(rank.getMessage().contains("policy.lora.r"), rank.getMessage());
        InputException none = assertThrows(InputException.class, () -> runs.run("run.name=never", "policy.lora.targets=[]"));
        assertTrue(none.getMessage().contains("targets is empty"), none.getMessage());
        InputException adapter = assertThrows(InputException.class,
                () -> runs.run("run.name=never", "policy.path=" + undisturbed.resolve("checkpoints/step-1")));
        assertTrue(adapter.getMessage().contains("caprl export"), adapter.getMessage());
        assertEquals(before, TinyRun.names(temp.resolve("runs")));
    }

    @Test
    void supervisedTrainingOfAdaptersGivesAFolderOfThem() throws IOException {
        Path file = temp.resolve("sft.yaml");
        Files.writeString(file, """
                output: %1$s/sft
                seed: 2
                threads: 1
                backend: cpu
                model: {path: answerer, dtype: bfloat16, lora: {r: 4, dropout: 0.1}}
                data: {train: %1$s/rows.jsonl}
                trainer: {steps: 6, examples_per_step: 4, lr: 1.0e-2}
                """.formatted(temp));
        Files.writeString(temp.resolve("rows.jsonl"), """
                {"id": "1", "prompt": [{"role": "user", "content": "a red circle"}], "answer": "red"}
                {"id": "2", "prompt": [{"role": "user", "content": "a blue circle"}], "answer": "blue"}
                """);
        SftConfig sft = ConfigReader.read(SftConfig.class, file, List.of());
        List<String> log = new ArrayList<>();
        try (SftLaunch launch = new SftLaunch(sft, log::add)) {
            assertTrue(launch.plan().contains("rank 4 on 7 of 7 linear layers"), launch.plan());
        }
        try (SftLaunch launch = new SftLaunch(sft, log::add)) {
            launch.run();
        }
        assertEquals(Set.of("adapter_config.json", "adapter_model.safetensors"), TinyRun.names(temp.resolve("sft")));
        try (TensorOps ops = Backends.open("cpu", 1).ops(); CausalLm trained = Models.load(temp.resolve("sft"), ops)) {
            trained.params().adapterWeights().forEach((name, v) ->
                    assertFalse(Arrays.equals(new float[(int) v.value().size()], v.value().toFloats()), name));
        }
        InputException plain = assertThrows(InputException.class,
                () -> ConfigReader.read(SftConfig.class, file, List.of("model.lora=null")));
        assertTrue(plain.getMessage().contains("bfloat16"), plain.getMessage());
    }
}
