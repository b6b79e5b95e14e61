package org.caprl.core.parity;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedBatch;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorScope;

/** One case computed by a candidate. What several checks need is computed once. */
final class CaseRun {
    private final GoldenCase golden;
    private final Candidate candidate;
    private List<Prompt> prompts;
    private Map<String, float[]> observed;
    private float[] logits;
    private Scores scores;
    private ProcessedImages images;

    CaseRun(GoldenCase golden, Candidate candidate) {
        this.golden = golden;
        this.candidate = candidate;
    }

    /** Per token of the completion. */
    record Scores(float[] logProbs, float[] entropies) {
    }

    GoldenCase golden() {
        return golden;
    }

    Candidate candidate() {
        return candidate;
    }

    /** The stored prompts. */
    List<Prompt> prompts() {
        if (prompts == null) {
            prompts = golden.prompts(candidate.model());
        }
        return prompts;
    }

    /** The images of the case as our processor prepares them. */
    ProcessedImages images() {
        if (images == null) {
            images = ProcessedImages.of(golden, candidate.processor());
        }
        return images;
    }

    /** What a forward pass over all prompts, packed, computed at each place that the model names. */
    Map<String, float[]> observed() {
        if (observed == null) {
            Map<String, float[]> seen = new HashMap<>();
            CausalLm model = candidate.model();
            PackedBatch batch = new PackedBatch(model, prompts().stream().map(p -> new PackedGroup(p, List.of())).toList());
            try (TensorScope scope = new TensorScope(candidate.ops().memory())) {
                batch.hidden(Pass.inference(candidate.ops(), scope).observedBy((name, t) -> seen.put(name, Candidate.values(t))));
            }
            observed = seen;
        }
        return observed;
    }

    /** Logits of every token of every prompt, row after row, [tokens, vocab]. */
    float[] logits() {
        if (logits == null) {
            logits = candidate.logits(observed().get("hidden_states_final_normed"));
        }
        return logits;
    }

    /** The row of {@link #logits} after the last token of prompt {@code row}. */
    int end(int row) {
        return prompts().subList(0, row + 1).stream().mapToInt(p -> p.ids().length).sum();
    }

    /** The completion, teacher forced. */
    Scores scores() {
        if (scores == null) {
            PackedGroup group = new PackedGroup(prompts().getFirst(), List.of(PackedGroup.Completion.of(golden.completion())));
            try (TensorScope scope = new TensorScope(candidate.ops().memory())) {
                Fn.LogProbs found = new PackedBatch(candidate.model(), List.of(group))
                        .logProbs(Pass.inference(candidate.ops(), scope), 1f);
                scores = new Scores(Candidate.values(found.logProb().value()), Candidate.values(found.entropy().value()));
            }
        }
        return scores;
    }
}
