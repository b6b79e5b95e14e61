package org.caprl.trainer.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.CheckedOps;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.bench.BenchCase.Subject;
import org.caprl.trainer.launch.LoadedModel;

/**
 * Measures cases one after the other, each with a model of its own.
 *
 * @param models where models are
 * @param dtype of the weights of models that are not trained
 * @param backend name, or {@code auto}
 * @param threads 0 for all processors
 * @param repetitions how often
 * @param profile whether to tell, in further repetitions, where the time goes
 */
public record Bench(BenchModels models, WeightType dtype, String backend, int threads, Repetitions repetitions, boolean profile) {
    /**
     * How often a case is repeated.
     *
     * @param warmupSeconds at least so long before it counts
     * @param leastWarmups and at least so often
     * @param measuredSeconds then at least so long
     * @param repeats and at least so often
     */
    public record Repetitions(double warmupSeconds, int leastWarmups, double measuredSeconds, int repeats) {
    }

    /** @param done told after each case */
    public List<CaseResult> run(List<BenchCase> cases, Consumer<CaseResult> done) {
        Backends.Choice choice = Backends.open(backend, threads);
        TensorOps ops = choice.ops();
        TimedOps timed = null;
        if (profile) {
            String name = ops.name();
            int taken = ops.threads();
            ops.close();
            BackendProvider provider = Backends.providers().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
            timed = new TimedOps(provider.create(taken));
            ops = new CheckedOps(timed);
        }
        TensorOps used = ops;
        TimedOps timer = timed;
        try (used) {
            return cases.stream().map(wanted -> {
                CaseResult result = measure(wanted, used, timer);
                done.accept(result);
                return result;
            }).toList();
        }
    }

    private CaseResult measure(BenchCase wanted, TensorOps ops, TimedOps timed) {
        boolean inMemory = wanted.model() == Subject.LARGE;
        Path folder = inMemory ? null : models.folder(wanted.model());
        LoadedModel loaded = inMemory ? null : LoadedModel.load(folder, ops, wanted.trains() ? WeightType.FLOAT32 : dtype);
        int idLimit = inMemory ? LargeModel.ID_LIMIT : new RandomPrompts(loaded.processor(), folder).idLimit();
        try (CaseRun run = ready(wanted, loaded, ops)) {
            RepeatedTimes times = RepeatedTimes.of(run, repetitions);
            Map<String, Double> figures = run.figures();
            OpProfile where = timed == null ? null : profile(run, timed);
            return new CaseResult(wanted, inMemory ? "" : folder.toAbsolutePath().normalize().toString(), run.inputs(), idLimit,
                    run.lengths(), wanted.unit(), wanted.units() / times.median(), times, figures, where);
        }
    }

    private CaseRun ready(BenchCase wanted, LoadedModel loaded, TensorOps ops) {
        if (loaded == null) {
            CausalLm model = LargeModel.build(ops, dtype);
            int[] ids = new Random(0).ints(wanted.promptTokens(), 0, LargeModel.ID_LIMIT).toArray();
            return new GenerateRun(wanted, model, List.of(Prompt.text(wanted.name(), ids)), ops, model::close,
                    new CaseRun.Inputs(LargeModel.config(), List.of()));
        }
        try {
            return switch (wanted.work()) {
                case GENERATE -> new GenerateRun(wanted, loaded.model(), new RandomPrompts(loaded.processor(), loaded.folder()).of(wanted),
                        ops, loaded::close, new CaseRun.Inputs(null, List.of()));
                case SFT_STEP -> new SftStepRun(wanted, loaded, ops);
                case POLICY_STEP -> new PolicyStepRun(wanted, loaded, ops);
                case GRPO_STEP -> new GrpoStepRun(wanted, loaded, ops);
                case ANSWER, REWARD -> new AnswerRun(wanted, loaded, ops);
            };
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    /** Repeats as long as was measured. */
    private OpProfile profile(CaseRun run, TimedOps timed) {
        timed.head(run.model().head().value());
        timed.reset();
        long begin = System.nanoTime();
        int count = 0;
        while (count < repetitions.repeats() || (System.nanoTime() - begin) / 1e9 < repetitions.measuredSeconds()) {
            run.run();
            count++;
        }
        return timed.profile((System.nanoTime() - begin) / 1e9, count);
    }
}
