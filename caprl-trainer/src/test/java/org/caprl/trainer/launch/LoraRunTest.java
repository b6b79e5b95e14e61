package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
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

    private static Path config;
    private static Path undisturbed;

    @BeforeAll
    static void oneRun() throws IOException {
        List<String> texts = WorldTexts.all().subList(0, 600);
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            new TinyCheckpoint(true, 64, 64, 1, 2, 1, 32, 32, 2, 150, 512, 7).write(temp.resolve("policy"), texts, ops);
            new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 150, 1024, 8).write(temp.resolve("answerer"), texts, ops);
        }
        config = temp.resolve("run.yaml");
        Files.writeString(config, """
                run: {output: %1$s/runs, name: undisturbed}
                seed: 3
                threads: 1
                backend: cpu
                data: {train: %1$s/data/train.jsonl, eval: %1$s/data/eval.jsonl, synth: {train: 24, eval: 8, seed: 1}}
                policy: {path: policy, dtype: bfloat16, lora: {r: 4, alpha: 8, dropout: 0.1, vision: true}}
                answerer: {path: answerer, template: short}
                rollout: {captions_per_prompt: 3, max_new_tokens: 6, stop: [e, a, o]}
                reward: {questions_per_caption: 2, length: {weight: 0.5, l1: 2, l2: 6}}
                trainer: {steps: %2$d, prompts_per_step: 2, lr: 1.0e-2, save_every: 1, eval_every: 2, keep_checkpoints: 0, loss: {kl_weight: 0.02}}
                eval: {images: 3}
                """.formatted(temp, STEPS));
        undisturbed = run();
    }

    private static Path run(String... overrides) {
        return run(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), overrides);
    }

    private static Path run(PrintStream out, String... overrides) {
        RunConfig run = ConfigReader.read(RunConfig.class, config, List.of(overrides));
        new LocalLaunch(run, out).run(new LocalLaunch.Options(false, false));
        return temp.resolve("runs").resolve(run.run().name());
    }

    private static List<StepMetrics> metrics(Path run) {
        return MetricsFile.read(run.resolve("metrics.jsonl")).stream().map(StepMetrics::repeatable).toList();
    }

    /** Every file below a folder with a hash of its bytes. */
    private static List<String> files(Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.add(folder.relativize(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void aCheckpointHoldsTheAdaptersAndTheStateAndNothingOfTheBase() throws IOException {
        assertEquals(Set.of("adapter_config.json", "adapter_model.safetensors", "train_state"),
                names(undisturbed.resolve("checkpoints/step-" + STEPS)));
    }

    /** Threads, micro-batches and recomputation change no byte, with dropout and a base in bfloat16. */
    @Test
    void threadsAndMemoryDoNotChangeTheNumbers() throws IOException {
        Path two = run("run.name=two", "threads=2", "trainer.micro_batch_tokens=1");
        assertEquals(metrics(undisturbed), metrics(two));
        assertEquals(files(undisturbed.resolve("checkpoints/step-" + STEPS)), files(two.resolve("checkpoints/step-" + STEPS)));
    }

    @Test
    void aContinuedRunEndsInTheSameBytes() throws IOException {
        Path run = run("run.name=continued");
        AtomicDirectory.delete(run.resolve("checkpoints/step-" + STEPS));
        AtomicDirectory.delete(run.resolve("checkpoints/step-" + (STEPS - 1)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        run(new PrintStream(out, true, StandardCharsets.UTF_8), "run.name=continued");
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("continuing run"), "it began from the start");
        assertEquals(metrics(undisturbed), metrics(run));
        for (int step = 1; step <= STEPS; step++) {
            assertEquals(files(undisturbed.resolve("checkpoints/step-" + step)), files(run.resolve("checkpoints/step-" + step)));
        }
    }

    /** Without dropout, in either type of the base: sampling and training read the same weights. */
    @Test
    void theGapIsZeroWithoutDropout() {
        for (String dtype : List.of("float32", "bfloat16")) {
            Path run = run("run.name=gap-" + dtype, "policy.dtype=" + dtype, "policy.lora.dropout=0", "trainer.steps=2");
            MetricsFile.read(run.resolve("metrics.jsonl")).stream().skip(1)
                    .forEach(m -> assertEquals(0, m.get(MetricKey.LOGPROB_GAP_MAX).orElseThrow(), dtype));
        }
        assertTrue(MetricsFile.read(undisturbed.resolve("metrics.jsonl")).getLast().get(MetricKey.LOGPROB_GAP_MAX).orElseThrow() > 0);
    }

    /** What the run measured at its end is what its checkpoint's folder gives, to the digit. */
    @Test
    void theEvaluationOfACheckpointIsThatOfTheRun() {
        RunConfig evaluated = ConfigReader.read(RunConfig.class, config,
                List.of("policy.path=" + undisturbed.resolve("checkpoints/step-" + STEPS)));
        EvalLaunch.Result result = new EvalLaunch(evaluated, Optional.empty(), false).run(_ -> { });
        assertEquals(metrics(undisturbed).getLast().get(MetricKey.EVAL_QA_ACCURACY).orElseThrow(), result.report().qaAccuracy());
    }

    @Test
    void mistakesAreNamedAndNothingIsWritten() throws IOException {
        Path runs = temp.resolve("runs");
        Set<String> before = names(runs);
        InputException targets = assertThrows(InputException.class, () -> run("run.name=never", "policy.lora.targets=[q_prj]"));
        assertTrue(targets.getMessage().contains("'q_prj' matches no linear layer; did you mean 'q_proj'?"), targets.getMessage());
        InputException rank = assertThrows(InputException.class, () -> run("run.name=never", "policy.lora.r=0"));
        assertTrue(rank.getMessage().contains("policy.lora.r"), rank.getMessage());
        InputException none = assertThrows(InputException.class, () -> run("run.name=never", "policy.lora.targets=[]"));
        assertTrue(none.getMessage().contains("targets is empty"), none.getMessage());
        InputException adapter = assertThrows(InputException.class,
                () -> run("run.name=never", "policy.path=" + undisturbed.resolve("checkpoints/step-1")));
        assertTrue(adapter.getMessage().contains("caprl export"), adapter.getMessage());
        assertEquals(before, names(runs));
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
        assertEquals(Set.of("adapter_config.json", "adapter_model.safetensors"), names(temp.resolve("sft")));
        try (TensorOps ops = Backends.open("cpu", 1).ops(); CausalLm trained = Models.load(temp.resolve("sft"), ops)) {
            trained.params().adapterWeights().forEach((name, v) ->
                    assertFalse(Arrays.equals(new float[(int) v.value().size()], v.value().toFloats()), name));
        }
        InputException plain = assertThrows(InputException.class, () -> ConfigReader.read(SftConfig.class, file, List.of("model.lora=null")));
        assertTrue(plain.getMessage().contains("bfloat16"), plain.getMessage());
    }
}
