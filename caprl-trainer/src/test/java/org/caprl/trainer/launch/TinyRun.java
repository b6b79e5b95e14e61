package org.caprl.trainer.launch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.RunConfig;

/** Runs of two tiny random models on drawn images, in a folder with {@code policy}, {@code answerer}, {@code run.yaml}, {@code runs}. */
record TinyRun(Path temp) {
    /** Writes models and configuration. @param policy keys of {@code policy} beside its path, each after a comma */
    static TinyRun write(Path temp, int steps, String policy, String trainer) throws IOException {
        List<String> texts = WorldTexts.all().subList(0, 600);
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            new TinyCheckpoint(true, 64, 64, 1, 2, 1, 32, 32, 2, 150, 512, 7).write(temp.resolve("policy"), texts, ops);
            new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 150, 1024, 8).write(temp.resolve("answerer"), texts, ops);
        }
        Files.writeString(temp.resolve("run.yaml"), """
                run: {output: %1$s/runs, name: undisturbed}
                seed: 3
                threads: 1
                backend: cpu
                data: {train: %1$s/data/train.jsonl, eval: %1$s/data/eval.jsonl, synth: {train: 24, eval: 8, seed: 1}}
                policy: {path: policy%3$s}
                answerer: {path: answerer, template: short}
                rollout: {captions_per_prompt: 3, max_new_tokens: 6, stop: [e, a, o]}
                reward: {questions_per_caption: 2, length: {weight: 0.5, l1: 2, l2: 6}}
                trainer: {steps: %2$d, prompts_per_step: 2, lr: 1.0e-2, save_every: 1, eval_every: 2, keep_checkpoints: 0%4$s}
                eval: {images: 3}
                """.formatted(temp, steps, policy, trainer));
        return new TinyRun(temp);
    }

    /** The configuration's file. */
    Path file() {
        return temp.resolve("run.yaml");
    }

    RunConfig config(String... overrides) {
        return ConfigReader.read(RunConfig.class, file(), List.of(overrides));
    }

    /** Runs to the end and returns the run's folder. */
    Path run(String... overrides) {
        return launch(new ByteArrayOutputStream(), false, overrides);
    }

    Path launch(ByteArrayOutputStream out, boolean fresh, String... overrides) {
        RunConfig run = config(overrides);
        new Launch(run, new PrintStream(out, true, StandardCharsets.UTF_8)).run(new Launch.Options(false, fresh));
        return temp.resolve("runs").resolve(run.run().name());
    }

    /** What a repeated run must give again. */
    static List<StepMetrics> repeatable(Path run) {
        return MetricsFile.read(run.resolve("metrics.jsonl")).stream().map(StepMetrics::repeatable).toList();
    }

    /** Every file below a folder with a hash of its bytes. */
    static List<String> files(Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.add(folder.relativize(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    /** Names in a folder; none where it does not exist. */
    static Set<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
