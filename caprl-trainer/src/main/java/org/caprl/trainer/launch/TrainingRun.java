package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.node.NullNode;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.Cursor;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.TrainerSection;
import org.caprl.trainer.recipe.Evaluation;
import org.caprl.trainer.recipe.GrpoRecipe;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.recipe.Overlap;
import org.caprl.trainer.recipe.RolloutWork;
import org.caprl.trainer.recipe.StepDroppedException;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;

/**
 * The steps of a run, wherever its parts are: goes on where the run directory stands, evaluates, trains, saves and reports.
 *
 * <p>A trainer that is lost costs the steps since the newest checkpoint: the parts are opened anew, data, metrics and samples go back to
 * that checkpoint, and the steps come again with the same numbers.
 */
final class TrainingRun {
    private static final int SHOWN_CAPTIONS = 3;

    private final RunConfig config;
    private final RunInputs inputs;
    private final List<ImageRows.Row> evalRows;
    private final Placement placement;
    private final StopSignal stop;
    private final PrintStream out;
    private final Cursor start;
    private RunDirectory directory;
    /** The last step that was completed by any attempt. */
    private int reached = -1;
    /** Losses without a further step in between. */
    private int lost;
    private OptionalLong lostAt = OptionalLong.empty();
    /** Seconds of recovery that no step has in its metrics yet. */
    private double recovery;

    /**
     * A run.
     *
     * @param evalRows held-out rows of every evaluation
     * @param stop is heeded between steps, and while captions are written and scored
     */
    TrainingRun(RunInputs inputs, List<ImageRows.Row> evalRows, Placement placement, StopSignal stop, PrintStream out) {
        this.config = inputs.config();
        this.inputs = inputs;
        this.evalRows = evalRows;
        this.placement = placement;
        this.stop = stop;
        this.out = out;
        this.start = inputs.samples().cursor();
    }

    /**
     * The steps of the run with these parts.
     *
     * @param prompts images of a step
     * @param overlap of captions, scores and updates
     * @param stopping whether the run is to end
     */
    static GrpoRecipe recipe(RunInputs inputs, int prompts, SamplingParams sampling, TrainingParts parts, Overlap overlap,
            BooleanSupplier stopping, GrpoRecipe.SampleSink sink) {
        RunConfig config = inputs.config();
        TrainerSection t = config.trainer();
        RolloutWork work = new RolloutWork(inputs.rows(), inputs.processor(), parts.engine(), parts.rewards(), new RolloutWork.Settings(
                config.seed(), prompts, config.rollout().captionsPerPrompt(), sampling, t::savesAfter, stopping));
        return new GrpoRecipe(overlap.of(work), t.advantage().function(), parts.trainer(), sink, new GrpoRecipe.Settings(config.seed(),
                t.loss().maskTruncated(), config.reward().maxUnscoredShare(), t.shuffleRewards()));
    }

    /** The evaluation of the run with these parts. */
    static Evaluation evaluation(RunInputs inputs, List<ImageRows.Row> rows, TrainingParts parts) {
        return new Evaluation(rows, inputs.processor(), parts.answerer(), inputs.config().rollout().maxNewTokens());
    }

    /**
     * Runs to the last step.
     *
     * @param open opens the run's directory; called when the parts are there, so that a configuration of which they can't be made
     *     leaves none
     * @throws RunStoppedException also when the trainer is lost again and again without a step in between
     * @throws StoppedBySignalException when a signal ended it in order
     */
    void run(Supplier<RunDirectory> open) {
        try {
            for (TrainerLostException loss = attempt(open); loss != null; loss = attempt(open)) {
                recover(loss);
            }
            report();
        } finally {
            if (directory != null) {
                directory.close();
            }
        }
    }

    /** Goes on from the newest checkpoint to the last step; returns how the trainer was lost, or null at the end. */
    private TrainerLostException attempt(Supplier<RunDirectory> open) {
        try (TrainingParts parts = placement.open(inputs)) {
            if (directory == null) {
                directory = open.get();
                stop.listen();
            }
            try {
                parts.trainer().check(directory);
                train(parts);
            } catch (TrainerLostException e) {
                lostNow();
                throw e;
            }
            return null;
        } catch (TrainerLostException e) {
            lostNow();
            return e;
        }
    }

    /** Recovery begins with the first loss that it is about: before parts are closed, and once if it is lost again meanwhile. */
    private void lostNow() {
        if (lostAt.isEmpty()) {
            lostAt = OptionalLong.of(System.nanoTime());
        }
    }

    private void recovered() {
        if (lostAt.isPresent()) {
            recovery += (System.nanoTime() - lostAt.getAsLong()) / 1e9;
            lostAt = OptionalLong.empty();
        }
    }

    private void recover(TrainerLostException loss) {
        lost++;
        int most = config.ray().limits().failuresInRow();
        String from = directory == null ? "the start" : directory.latest().map(c -> "step " + c.state().step()).orElse("the start");
        if (stop.heard()) {
            throw stop.stopped("the trainer was lost meanwhile (" + loss.getMessage() + "); started again, the run goes on from " + from);
        }
        if (lost > most) {
            throw new RunStoppedException("the trainer was lost " + lost + " times without a further step in between, "
                    + "ray.limits.failures_in_row allows " + most + "; the last time because " + loss.getMessage()
                    + ". Mend that and start the run again: it goes on from " + from, loss);
        }
        out.println("the trainer was lost: " + loss.getMessage() + "; going on from " + from);
        if (directory != null) {
            directory.cutBack();
        }
    }

    private void train(TrainingParts parts) {
        RolloutSection r = config.rollout();
        SamplingParams sampling = new SamplingParams(r.temperature(), r.topK(), r.topP(), r.minP(), r.repetitionPenalty(),
                r.maxNewTokens(), r.stop(), inputs.processor().eosTokenIds(), StopRule.NONE);
        Evaluation evaluation = evaluation(inputs, evalRows, parts);
        int done = restore(parts);
        recovered();
        if (done < 0) {
            first(evaluation, parts);
            done = 0;
        }
        try (GrpoRecipe recipe = recipe(inputs, config.trainer().promptsPerStep(), sampling, parts, config.ray().overlap(), stop::heard,
                (step, groups, scored) -> directory.samples().write(step, scored))) {
            loop(done, recipe, evaluation, parts);
        }
    }

    private void first(Evaluation evaluation, TrainingParts parts) {
        StepMetrics.Builder metrics = StepMetrics.at(0);
        try {
            evaluate(metrics, evaluation, parts, (finished, total, tokens) -> StepDroppedException.throwIf(stop.heard()));
        } catch (StepDroppedException e) {
            throw stop.stopped("no step was made");
        }
        append(metrics, parts);
    }

    /** Puts everything where the newest checkpoint stands; returns its step, or -1 where there is none. */
    private int restore(TrainingParts parts) {
        if (directory.latest().isEmpty()) {
            inputs.samples().seek(start);
            return -1;
        }
        Checkpoint checkpoint = directory.latest().get();
        parts.trainer().restore(checkpoint);
        inputs.samples().seek(checkpoint.state().data());
        parts.engine().install(checkpoint.state().weightVersion());
        // What opening and loading took is no part of the next step.
        parts.contribute(StepMetrics.at(checkpoint.state().step()));
        out.println("continuing run " + directory.path() + " after step " + checkpoint.state().step());
        return checkpoint.state().step();
    }

    private void loop(int done, GrpoRecipe recipe, Evaluation evaluation, TrainingParts parts) {
        TrainerSection t = config.trainer();
        Cursor next = inputs.samples().cursor();
        try (Progress progress = Progress.open("train", t.steps(), "steps")) {
            progress.startAt(done);
            double accuracy = lastAccuracy();
            for (int step = done + 1; step <= t.steps(); step++) {
                StepMetrics.Builder metrics = step(recipe, step, next, parts);
                if (t.evaluatesAfter(step)) {
                    accuracy = evaluate(metrics, evaluation, parts, GenerationListener.NONE);
                }
                inputs.rows().takeSkipped().forEach(progress::line);
                parts.takeNotices().forEach(progress::line);
                StepMetrics built = append(metrics, parts);
                next = recipe.cursor();
                if (t.savesAfter(step)) {
                    save(step, next, parts);
                }
                completed(step);
                progress.to(step, String.format(Locale.ROOT, "reward %.3f, held-out accuracy %.3f, %.0f tokens/s",
                        value(built, MetricKey.REWARD_MEAN), accuracy, value(built, MetricKey.speed("new_tokens"))));
            }
        }
    }

    /** One step; where the run is to end instead, the step before it is saved. @param next where the samples stood before the step */
    private StepMetrics.Builder step(GrpoRecipe recipe, int step, Cursor next, TrainingParts parts) {
        try {
            StepDroppedException.throwIf(stop.heard());
            return recipe.step(step);
        } catch (StepDroppedException e) {
            if (step == 1) {
                throw stop.stopped("no step was made");
            }
            recipe.close();
            save(step - 1, next, parts);
            throw stop.stopped("the run is saved as of step " + (step - 1) + "; start it again to go on");
        }
    }

    private StepMetrics append(StepMetrics.Builder metrics, TrainingParts parts) {
        parts.contribute(metrics);
        if (recovery > 0) {
            metrics.add(MetricKey.time("recover"), recovery);
            recovery = 0;
        }
        StepMetrics built = metrics.build();
        directory.metrics().append(built);
        return built;
    }

    /** A step that comes again after a loss is no progress. */
    private void completed(int step) {
        if (step > reached) {
            reached = step;
            lost = 0;
        }
    }

    /** @param next where the samples go on */
    private void save(int step, Cursor next, TrainingParts parts) {
        TrainState state = new TrainState(step, parts.trainer().optimizerSteps(), parts.engine().weightVersion(), config.seed(), next,
                NullNode.getInstance());
        directory.save(state, folder -> parts.trainer().write(folder, state), config.trainer().keepCheckpoints());
    }

    private static double value(StepMetrics metrics, MetricKey key) {
        return metrics.get(key).orElse(Double.NaN);
    }

    private double lastAccuracy() {
        double accuracy = Double.NaN;
        for (StepMetrics m : MetricsFile.read(directory.metricsFile())) {
            accuracy = m.get(MetricKey.EVAL_QA_ACCURACY).orElse(accuracy);
        }
        return accuracy;
    }

    private double evaluate(StepMetrics.Builder metrics, Evaluation evaluation, TrainingParts parts, GenerationListener listener) {
        Evaluation.Report report = metrics.timed("eval", () -> evaluation.run(parts.engine(), listener));
        metrics.put(MetricKey.EVAL_QA_ACCURACY, report.qaAccuracy());
        if (report.facts().inScene() > 0) {
            metrics.put(MetricKey.EVAL_FACTS_TRUE, report.facts().trueShare());
            metrics.put(MetricKey.EVAL_FACTS_FALSE, report.facts().falseShare());
        }
        EvalCaptions.write(directory.path(), metrics.build().step(), report);
        return report.qaAccuracy();
    }

    private void report() {
        List<StepMetrics> all = MetricsFile.read(directory.metricsFile());
        StepMetrics before = all.getFirst();
        StepMetrics after = all.getLast();
        out.printf("%n%-28s %10s %10s%n", "on " + evalRows.size() + " held-out images", "before", "after");
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
