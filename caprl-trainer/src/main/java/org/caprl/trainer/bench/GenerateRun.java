package org.caprl.trainer.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.TensorOps;

/** Generation by a {@link BatchGenerator}: each prompt is computed once, its captions are sampled at temperature 1 without filters. */
final class GenerateRun implements CaseRun {
    private static final int PREFILL_TOKENS = 4096;

    private final BenchCase wanted;
    private final CausalLm model;
    private final List<Prompt> prompts;
    private final Runnable owned;
    private final BatchGenerator generator;
    private final SamplingParams sampling;
    private final Progress progress = new Progress();
    private final Inputs inputs;
    private double[] decodeSeconds = {};
    private long repetition;

    /** When the first tokens were there; a pass that only samples the first token of each caption is prefill. */
    private static final class Progress implements GenerationListener {
        private long firstTokens;

        @Override
        public void progressed(int finished, int total, long sampledTokens) {
            if (firstTokens == 0) {
                firstTokens = System.nanoTime();
            }
        }
    }

    /** @param owned called when the run is closed, last */
    GenerateRun(BenchCase wanted, CausalLm model, List<Prompt> prompts, TensorOps ops, Runnable owned, Inputs inputs) {
        this.wanted = wanted;
        this.model = model;
        this.prompts = prompts;
        this.owned = owned;
        this.inputs = inputs;
        this.generator = new BatchGenerator(model, ops, TokenText.NONE, GeneratorLimits.roomFor(wanted.rows(), wanted.captions(),
                wanted.promptTokens(), wanted.newTokens(), PREFILL_TOKENS, "the benchmark's cache"));
        this.sampling = SamplingParams.sampling(1.0, wanted.newTokens(), List.of());
    }

    @Override
    public void run() {
        repetition++;
        progress.firstTokens = 0;
        List<GenerationRequest> requests = prompts.stream().map(prompt -> GenerationRequest.captions(prompt, sampling, keys(prompt)))
                .toList();
        GenerationCounts before = generator.counts();
        generator.generate(requests, 0, progress);
        double decode = (System.nanoTime() - progress.firstTokens) / 1e9;
        GenerationCounts done = generator.counts().minus(before);
        if (done.sampledTokens() != (long) wanted.rows() * wanted.newTokens()
                || done.prefilledTokens() != (long) wanted.prompts() * wanted.promptTokens()) {
            throw new IllegalStateException(wanted + " did " + done);
        }
        decodeSeconds = Arrays.copyOf(decodeSeconds, decodeSeconds.length + 1);
        decodeSeconds[decodeSeconds.length - 1] = decode;
    }

    private long[] keys(Prompt prompt) {
        long[] keys = new long[wanted.captions()];
        Arrays.setAll(keys, i -> CounterRandom.key(repetition, CounterRandom.hash(prompt.id()), i));
        return keys;
    }

    @Override
    public Lengths lengths() {
        int image = (int) Arrays.stream(prompts.getFirst().ids()).filter(id -> id == model.imageToken()).count();
        return new Lengths(wanted.rows(), wanted.promptTokens(), image, wanted.newTokens());
    }

    @Override
    public CausalLm model() {
        return model;
    }

    /** Of decode steps alone: milliseconds of one, and the rate at which they read the weights. */
    @Override
    public Map<String, Double> figures() {
        double step = RepeatedTimes.median(decodeSeconds) / Math.max(1, wanted.newTokens() - 1);
        decodeSeconds = new double[0];
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("decode_step_ms", step * 1e3);
        figures.put("decode_weights_gb_per_s", model.params().bytes() / step / 1e9);
        return figures;
    }

    @Override
    public Inputs inputs() {
        return inputs;
    }

    @Override
    public void close() {
        generator.close();
        owned.run();
    }
}
