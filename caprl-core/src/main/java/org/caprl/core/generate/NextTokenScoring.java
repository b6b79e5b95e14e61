package org.caprl.core.generate;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** Log-probabilities of candidate tokens after each suffix of one prompt; the prompt is computed once. */
final class NextTokenScoring {
    private final CausalLm model;
    private final TensorOps ops;
    private final PagedKvCache cache;
    private final Prefill prefill;
    private final GeneratorLimits limits;
    private final Fit fit;

    NextTokenScoring(CausalLm model, TensorOps ops, PagedKvCache cache, Prefill prefill, GeneratorLimits limits,
            Fit fit) {
        this.model = model;
        this.ops = ops;
        this.cache = cache;
        this.prefill = prefill;
        this.limits = limits;
        this.fit = fit;
    }

    float[][] score(Prompt prompt, List<int[]> suffixes, int[] candidates) {
        if (suffixes.stream().anyMatch(suffix -> suffix.length == 0)) {
            throw new IllegalArgumentException("prompt '" + prompt.id() + "': a suffix to score is empty; it needs at least one token");
        }
        float[][] scores = new float[suffixes.size()][candidates.length];
        SamplingParams one = SamplingParams.greedy(1, List.of());
        GenerationRequest request = new GenerationRequest(prompt, suffixes, one, new long[suffixes.size()]);
        CausalLm.Positions positions = model.positions(prompt.ids(), prompt.images());
        fit.misfit(request, positions).ifPresent(reason -> {
            throw new InputException(reason);
        });
        SharedPrompt shared = new SharedPrompt(0, request, positions, cache.open(prompt.ids().length), model.shape().vocab());
        try {
            int begun = 0;
            while (begun < scores.length) {
                begun = scorePass(shared, begun, candidates, scores);
            }
        } finally {
            shared.span.release();
        }
        return scores;
    }

    /** Scores the branches from {@code first} on that fit into one pass, the prompt with the first; returns the first that did not. */
    private int scorePass(SharedPrompt shared, int first, int[] candidates, float[][] scores) {
        List<Branch> branches = new ArrayList<>();
        try (TensorScope scope = new TensorScope(ops.memory())) {
            List<SharedPrompt> prompts = first == 0 ? List.of(shared) : List.of();
            int tokens = Prefill.promptTokens(prompts);
            int end = first;
            while (end < scores.length) {
                int length = shared.request.suffixes().get(end).length;
                boolean full = tokens + length > limits.prefillTokens() || cache.pagesFor(length) > cache.availablePages();
                if (full && !branches.isEmpty()) {
                    break;
                }
                branches.add(new Branch(shared, end++, cache.open(length), TokenText.NONE));
                tokens += length;
            }
            Tensor last = prefill.run(scope, prompts, branches);
            Tensor hidden = last.rows(prompts.size(), last.rowCount());
            logProbs(scope, hidden, candidates, scores, first);
            return end;
        } finally {
            branches.forEach(Branch::release);
        }
    }

    private void logProbs(TensorScope scope, Tensor hidden, int[] candidates, float[][] scores, int first) {
        int n = hidden.rowCount() * candidates.length;
        int[] rows = new int[n];
        int[] targets = new int[n];
        for (int i = 0; i < n; i++) {
            rows[i] = i / candidates.length;
            targets[i] = candidates[i % candidates.length];
        }
        Tensor repeated = scope.floats(n, hidden.columns());
        ops.gatherRows(hidden, scope.ints(rows), repeated);
        Tensor logProb = scope.floats(n);
        ops.selectedLogProbs(repeated, model.head().value(), scope.ints(targets), 1f, logProb, scope.floats(n), scope.floats(n));
        float[] all = logProb.toFloats();
        for (int i = 0; i < hidden.rowCount(); i++) {
            System.arraycopy(all, i * candidates.length, scores[first + i], 0, candidates.length);
        }
    }
}
