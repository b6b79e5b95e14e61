package org.caprl.core.generate;

import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;

/**
 * Continuous batching: many prompts, several continuations of each, as many at once as there is room for.
 *
 * <p>A prompt goes through the decoder once and its branches share its cache pages; images are encoded once. Branches that end make room at
 * once for waiting ones. What a branch says depends on its request and key only, not on what else is generated. One thread at a time.
 *
 * <pre>{@code
 * try (var generator = new BatchGenerator(model, ops, TokenText.NONE, new GeneratorLimits(64, 65536, 4096, "rollout.kv_rows"))) {
 *     var eight = GenerationRequest.captions(prompt, SamplingParams.sampling(1.0, 128, eosIds), keys);
 *     List<Caption> captions = generator.generate(List.of(eight)).getFirst().captions();
 * }
 * }</pre>
 */
public final class BatchGenerator implements AutoCloseable {
    private final CausalLm model;
    private final TensorOps ops;
    private final TokenText tokens;
    private final GeneratorLimits limits;
    private final Work work = new Work();
    private final PagedKvCache cache;
    private final Prefill prefill;
    private final DecodeBatch decode;
    private final Fit fit;

    /**
     * A generator with its own cache.
     *
     * @param model read where it lies: an optimizer may change its weights between two calls
     * @param tokens for stop strings and stop rules; {@link TokenText#NONE} where there are none
     */
    public BatchGenerator(CausalLm model, TensorOps ops, TokenText tokens, GeneratorLimits limits) {
        this.model = model;
        this.ops = ops;
        this.tokens = tokens;
        this.limits = limits;
        this.cache = new PagedKvCache(ops.memory(), model.shape(), limits.kvRows(), limits.pageRows());
        this.prefill = new Prefill(model, ops, cache, work);
        this.decode = new DecodeBatch(model, ops, cache, limits.decodeRows(), work);
        this.fit = new Fit(cache, limits, model.shape().maxPositions());
    }

    /** The captions of every request, by weights whose version is 0, unwatched. */
    public List<GenerationResult> generate(List<GenerationRequest> requests) {
        return generate(requests, 0, GenerationListener.NONE);
    }

    /**
     * The captions of every request, in order.
     *
     * @param weightVersion noted in the captions
     * @throws InputException if a request can never fit into the cache or into the model's positions
     */
    public List<GenerationResult> generate(List<GenerationRequest> requests, long weightVersion, GenerationListener listener) {
        long sampledBefore = work.sampledTokens;
        try (Generation generation = new Generation(model, ops, cache, prefill, decode, tokens, limits, fit, requests,
                weightVersion)) {
            while (!generation.complete()) {
                generation.advance();
                generation.tell(listener);
                listener.progressed(generation.finished(), generation.total(), work.sampledTokens - sampledBefore);
            }
            return generation.results();
        }
    }

    /** Why {@link #generate} would refuse this request, and how to mend it; nothing if it would not. */
    public Optional<String> misfit(GenerationRequest request) {
        return fit.misfit(request, model.positions(request.prompt().ids(), request.prompt().images()));
    }

    /**
     * Log-probabilities of given tokens as the next one after each branch, without drawing any.
     *
     * @param prompt what all branches share
     * @param suffixes ids after the prompt, at least one token a branch
     * @param candidates token ids
     * @return [branch][candidate], raw (no temperature)
     * @throws InputException if prompt and a suffix don't fit into the cache
     */
    public float[][] nextTokenLogProbs(Prompt prompt, List<int[]> suffixes, int... candidates) {
        return new NextTokenScoring(model, ops, cache, prefill, limits, fit).score(prompt, suffixes, candidates);
    }

    /** Work done since this generator was made. */
    public GenerationCounts counts() {
        return work.counts();
    }

    /** The limits it was made with. */
    public GeneratorLimits limits() {
        return limits;
    }

    /** Pages of the cache that nothing uses; between two calls, all of them. */
    int availablePages() {
        return cache.availablePages();
    }

    /** Frees cache and programs; model and backend stay. */
    @Override
    public void close() {
        decode.close();
        cache.close();
    }
}
