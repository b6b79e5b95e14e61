package org.caprl.trainer.bench;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.Launch;

/** Measures what a step costs on a cluster beside one JVM with as many threads: the same run here and there, stage by stage. */
final class RayOverhead {
    private static final List<String> STAGES = List.of("data", "rollout", "reward", "update", "publish", "samples");

    private final Path config;
    private final Path folder;
    private final int threads;
    private final int steps;

    /**
     * Runs of a configuration.
     *
     * @param folder for runs and drawn images
     * @param threads of every stage, in all processes together
     * @param steps of each run; the first half warms up
     */
    RayOverhead(Path config, Path folder, int threads, int steps) {
        this.config = config;
        this.folder = folder;
        this.threads = threads;
        this.steps = steps;
    }

    RayBench.Run inOneJvm() {
        return run("one JVM", 0, List.of("threads=" + threads));
    }

    /** Each stage has all threads: those of the rollout are shared out among the actors. */
    RayBench.Run onCluster(String address, int actors) {
        return run(actors + (actors == 1 ? " actor" : " actors"), actors, List.of("ray.address=" + address, "ray.rollout.actors=" + actors,
                "ray.rollout.threads=" + Math.max(1, threads / actors), "ray.reward.threads=" + threads, "ray.trainer.threads=" + threads));
    }

    private RayBench.Run run(String name, int actors, List<String> placed) {
        List<String> overrides = new ArrayList<>(List.of("run.output=" + folder.resolve("runs"), "run.name=actors-" + actors,
                "data.train=" + folder.resolve("data/train.jsonl"), "data.eval=" + folder.resolve("data/eval.jsonl"),
                "data.synth={train: 256, eval: 8, seed: 1}", "trainer.steps=" + steps, "trainer.eval_every=0", "trainer.save_every=0",
                "eval.images=0"));
        overrides.addAll(placed);
        RunConfig run = ConfigReader.read(RunConfig.class, config, overrides);
        new Launch(run, new PrintStream(OutputStream.nullOutputStream())).run(new Launch.Options(false, false));
        List<StepMetrics> all = MetricsFile.read(run.run().output().resolve(run.run().name()).resolve("metrics.jsonl"));
        List<StepMetrics> measured = all.stream().filter(m -> m.step() > steps / 2).toList();
        Map<String, Double> stages = new LinkedHashMap<>();
        STAGES.forEach(stage -> stages.put(stage, median(measured, m -> seconds(m, stage))));
        double step = median(measured, m -> STAGES.stream().mapToDouble(stage -> seconds(m, stage)).sum());
        double calls = median(measured, m -> m.get(MetricKey.speed("caption_calls")).orElse(0));
        return new RayBench.Run(name, actors, measured.size(), step, stages, calls,
                run.trainer().promptsPerStep() * run.rollout().captionsPerPrompt());
    }

    private static double seconds(StepMetrics metrics, String stage) {
        return metrics.get(MetricKey.time(stage)).orElse(0);
    }

    private static double median(List<StepMetrics> steps, ToDoubleFunction<StepMetrics> value) {
        return RepeatedTimes.median(steps.stream().mapToDouble(value).toArray());
    }
}
