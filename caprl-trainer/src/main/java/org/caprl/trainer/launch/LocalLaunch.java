package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.node.NullNode;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigWriter;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.Unmatched;
import org.caprl.trainer.config.BatchPlan;
import org.caprl.trainer.config.DataSize;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.TrainerSection;
import org.caprl.trainer.recipe.Evaluation;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.recipe.PromptLengths;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;

/** A whole run in this JVM: builds the parts from the configuration, goes on where the run directory stands, and reports. */
public final class LocalLaunch {
    private static final int SHOWN_CAPTIONS = 3;

    private final RunConfig config;
    private final PrintStream out;

    /**
     * A run.
     *
     * @param out where plan, lines and the final table go
     */
    public LocalLaunch(RunConfig config, PrintStream out) {
        this.config = config;
        this.out = out;
    }

    /**
     * What to do.
     *
     * @param planOnly print everything derived, and stop; weights, tokenizers and data need not be there
     * @param fresh take the next free name instead of continuing
     */
    public record Options(boolean planOnly, boolean fresh) {
    }

    /** Runs to the last step. */
    public void run(Options options) {
        List<String> missing = options.planOnly() ? ConfigPlan.missing(config) : List.of();
        if (!missing.isEmpty()) {
            ConfigPlan.print(config, missing, out);
            return;
        }
        if (!options.planOnly()) {
            AnswererCheck.run(config, out::println);
        }
        DataFiles.ensure(config, out::println);
        Backends.Choice backend = Backends.open(config.backend(), config.threads());
        try (TensorOps ops = backend.ops();
                LoadedModel policy = LoadedModel.toTrain(config.policy().path(), ops, trainedType(config), adapters(config), "policy.path");
                RewardModels frozen = RewardModels.load(config, ops);
                FileSource.Split data = DataFiles.open(config)) {
            FileSource train = data.train();
            FileSource held = data.held();
            if (!policy.processor().sees()) {
                throw new InputException("policy.path " + policy.folder() + " is a " + policy.model().family()
                        + ", which can't see; a caption policy is a vision-language model, such as Qwen2.5-VL or Qwen3-VL");
            }
            ImageRows trainRows = new ImageRows(train, config.data().badRows());
            ImageRows heldRows = new ImageRows(held, config.data().badRows());
            PromptLengths trainLengths = trainRows.lengths(policy.processor(), 0);
            PromptLengths heldLengths = heldRows.lengths(policy.processor(), config.eval().images());
            GeneratorLimits room = Generators.rollout(config, trainLengths, heldLengths);
            DataSize size = new DataSize(trainLengths.rows(), held.size().orElseThrow() - heldRows.skipped(), trainLengths.mean());
            BatchPlan plan = BatchPlan.of(config, size);
            out.println(backend.reason());
            skipped(train, trainRows);
            skipped(held, heldRows);
            out.println(plan.text());
            if (policy.model().params().lora() != null) {
                out.println(LoraPlan.line(policy.model().params()));
            }
            out.println(DryRun.memory(config, policy, frozen, train, trainRows, heldRows, room).text());
            if (options.planOnly()) {
                return;
            }
            List<ImageRows.Row> evalRows = heldRows.first(config.eval().images());
            heldRows.takeSkipped().forEach(out::println);
            try (RunDirectory directory = open(options.fresh())) {
                train(ops, policy, frozen, train, trainRows, evalRows, room, directory);
            }
        }
    }

    /** Type of the weights of the model that is trained: frozen ones may be bfloat16. */
    static WeightType trainedType(RunConfig config) {
        return config.policy().lora().isPresent() ? config.policy().dtype() : WeightType.FLOAT32;
    }

    /** The adapters that are trained in place of the policy's weights, or null. */
    static Adapters adapters(RunConfig config) {
        return config.policy().lora().map(lora -> lora.fresh(config.seed())).orElse(null);
    }

    /** Whether the KL term needs a model of its own; under adapters the frozen weights are the starting policy. */
    static boolean copiesReference(RunConfig config) {
        return config.trainer().loss().klWeight() != 0 && config.policy().lora().isEmpty();
    }

    private RunDirectory open(boolean fresh) {
        String resolved = ConfigWriter.yaml(config);
        if (!fresh) {
            return RunDirectory.open(config.run().output(), config.run().name(), resolved);
        }
        return RunDirectory.openFresh(config.run().output(), config.run().name(), name -> ConfigWriter.yaml(config.named(name)));
    }

    private void skipped(FileSource source, ImageRows images) {
        if (source.skipped() > 0) {
            out.println("left out " + source.skipped() + " rows, the first: " + source.firstSkipped());
        }
        images.takeSkipped().forEach(out::println);
        if (source.unmatchedQuestions() > 0) {
            out.println(source.unmatchedQuestions() + " questions have a right answer that is not among their options; reward.unmatched: "
                    + (config.reward().unmatched() == Unmatched.KEEP ? "keep asks them unshuffled" : "drop leaves them out"));
        }
    }

    private void train(TensorOps ops, LoadedModel policy, RewardModels frozen, FileSource samples, ImageRows rows,
            List<ImageRows.Row> evalRows, GeneratorLimits room, RunDirectory directory) {
        directory.requireSpace(Checkpoint.bytes(policy.model()));
        TrainerSection t = config.trainer();
        RolloutSection r = config.rollout();
        SamplingParams sampling = new SamplingParams(r.temperature(), r.topK(), r.topP(), r.minP(), r.repetitionPenalty(),
                r.maxNewTokens(), r.stop(), policy.processor().eosTokenIds(), StopRule.NONE);
        try (LoadedModel copy = copiesReference(config) ? LoadedModel.load(config.policy().path(), ops, config.policy().dtype()) : null;
                RunParts parts = RunParts.of(config, ops, policy, frozen, copy == null ? policy.model() : copy.model(), rows,
                        t.promptsPerStep(), evalRows, room, sampling, (step, groups, scored) -> directory.samples().write(step, scored))) {
            int done = restore(directory, policy, parts, samples);
            if (done < 0) {
                StepMetrics.Builder first = StepMetrics.at(0);
                evaluate(first, parts, directory);
                memory(first, ops);
                directory.metrics().append(first.build());
                done = 0;
            }
            loop(done, parts, ops, policy, samples, rows, directory);
        }
        report(directory, evalRows.size());
    }

    /** Puts everything back where the newest checkpoint stands; returns its step, or -1 where there is none. */
    private int restore(RunDirectory directory, LoadedModel policy, RunParts parts, FileSource samples) {
        if (directory.latest().isEmpty()) {
            return -1;
        }
        Checkpoint checkpoint = directory.latest().get();
        checkpoint.restore(policy.model(), parts.optimizer());
        samples.seek(checkpoint.state().data());
        parts.engine().install(checkpoint.state().weightVersion());
        out.println("continuing run " + directory.path() + " after step " + checkpoint.state().step());
        return checkpoint.state().step();
    }

    private void loop(int done, RunParts parts, TensorOps ops, LoadedModel policy, FileSource samples, ImageRows rows,
            RunDirectory directory) {
        TrainerSection t = config.trainer();
        try (Progress progress = Progress.open("train", t.steps(), "steps")) {
            progress.startAt(done);
            double accuracy = lastAccuracy(directory);
            for (int step = done + 1; step <= t.steps(); step++) {
                ops.memory().resetPeak();
                StepMetrics.Builder metrics = parts.recipe().step(step);
                boolean last = step == t.steps();
                if (last || t.evalEvery() > 0 && step % t.evalEvery() == 0) {
                    accuracy = evaluate(metrics, parts, directory);
                }
                rows.takeSkipped().forEach(progress::line);
                memory(metrics, ops);
                StepMetrics built = metrics.build();
                directory.metrics().append(built);
                if (last || t.saveEvery() > 0 && step % t.saveEvery() == 0) {
                    directory.save(new TrainState(step, parts.optimizer().steps(), parts.engine().weightVersion(), config.seed(),
                            samples.cursor(), NullNode.getInstance()), policy.model(), policy.folder(), parts.optimizer(), t.keepCheckpoints());
                }
                progress.to(step, String.format(Locale.ROOT, "reward %.3f, held-out accuracy %.3f, %.0f tokens/s",
                        value(built, MetricKey.REWARD_MEAN), accuracy, value(built, MetricKey.speed("new_tokens"))));
            }
        }
    }

    private static double value(StepMetrics metrics, MetricKey key) {
        return metrics.get(key).orElse(Double.NaN);
    }

    private static double lastAccuracy(RunDirectory directory) {
        double accuracy = Double.NaN;
        for (StepMetrics m : MetricsFile.read(directory.metricsFile())) {
            accuracy = m.get(MetricKey.EVAL_QA_ACCURACY).orElse(accuracy);
        }
        return accuracy;
    }

    private static double evaluate(StepMetrics.Builder metrics, RunParts parts, RunDirectory directory) {
        Evaluation.Report report = metrics.timed("eval", () -> parts.evaluation().run(parts.engine()));
        metrics.put(MetricKey.EVAL_QA_ACCURACY, report.qaAccuracy());
        if (report.facts().inScene() > 0) {
            metrics.put(MetricKey.EVAL_FACTS_TRUE, report.facts().trueShare());
            metrics.put(MetricKey.EVAL_FACTS_FALSE, report.facts().falseShare());
        }
        EvalCaptions.write(directory.path(), metrics.build().step(), report);
        return report.qaAccuracy();
    }

    /** The most that each owner had since the last step, what the pool holds from the system, and what the system counts. */
    private static void memory(StepMetrics.Builder metrics, TensorOps ops) {
        for (MemoryOwner owner : MemoryOwner.values()) {
            metrics.put(MetricKey.memory(owner.key()), ops.memory().peakBytes(owner));
        }
        metrics.put(MetricKey.memory("native_peak"), ops.memory().peakBytes());
        metrics.put(MetricKey.memory("native_held"), ops.memory().bytesHeld());
        ResidentMemory.bytes().ifPresent(bytes -> metrics.put(MetricKey.memory("resident"), bytes));
    }

    private void report(RunDirectory directory, int images) {
        List<StepMetrics> all = MetricsFile.read(directory.metricsFile());
        StepMetrics before = all.getFirst();
        StepMetrics after = all.getLast();
        out.printf("%n%-28s %10s %10s%n", "on " + images + " held-out images", "before", "after");
        row("question accuracy", MetricKey.EVAL_QA_ACCURACY, before, after);
        row("true facts stated", MetricKey.EVAL_FACTS_TRUE, before, after);
        row("false among stated", MetricKey.EVAL_FACTS_FALSE, before, after);
        List<Evaluation.Row> first = EvalCaptions.read(directory.path(), before.step());
        List<Evaluation.Row> last = EvalCaptions.read(directory.path(), after.step());
        for (int i = 0; i < Math.min(SHOWN_CAPTIONS, Math.min(first.size(), last.size())); i++) {
            out.printf("%n%s%n  before (%.2f right): %s%n  after  (%.2f right): %s%n", first.get(i).id(), first.get(i).right(),
                    first.get(i).caption(), last.get(i).right(), last.get(i).caption());
        }
        out.printf("%nrun: %s%n", directory.path());
    }

    private void row(String name, MetricKey key, StepMetrics before, StepMetrics after) {
        if (before.get(key).isPresent() && after.get(key).isPresent()) {
            out.printf(Locale.ROOT, "%-28s %10.3f %10.3f%n", name, value(before, key), value(after, key));
        }
    }
}
