package org.caprl.core.parity;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GenerationResult;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.Prompt;

/** What our generator writes after prompts. */
final class Continuations {
    private Continuations() {
    }

    /** All prompts in one call: ids of each continuation. */
    static List<int[]> together(Candidate candidate, List<Prompt> prompts, SamplingParams params) {
        int page = GeneratorLimits.PAGE_ROWS;
        int tokens = prompts.stream().mapToInt(p -> p.ids().length).sum();
        int rows = tokens + prompts.size() * (params.maxNewTokens() + 3 * page);
        GeneratorLimits limits = new GeneratorLimits(prompts.size(), rows, tokens, "the cache of this comparison");
        try (BatchGenerator generator = new BatchGenerator(candidate.model(), candidate.ops(), TokenText.NONE, limits)) {
            List<GenerationRequest> requests = prompts.stream().map(p -> GenerationRequest.captions(p, params, 0L)).toList();
            List<GenerationResult> results = generator.generate(requests);
            return results.stream().map(r -> r.captions().getFirst().ids()).toList();
        }
    }

    /** Every prompt in a call of its own. */
    static List<int[]> alone(Candidate candidate, List<Prompt> prompts, SamplingParams params) {
        List<int[]> ids = new ArrayList<>();
        for (Prompt prompt : prompts) {
            ids.addAll(together(candidate, List.of(prompt), params));
        }
        return ids;
    }
}
