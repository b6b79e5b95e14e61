package org.caprl.core.generate;

import java.util.Optional;
import org.caprl.core.model.CausalLm;

/** Whether a request can ever run: in the cache, and in the positions that the model knows. */
record Fit(PagedKvCache cache, GeneratorLimits limits, int maxPositions) {
    /** Why the request can never run and how to mend it, or nothing if it can. */
    Optional<String> misfit(GenerationRequest request, CausalLm.Positions where) {
        String id = request.prompt().id();
        int length = request.prompt().ids().length;
        int longest = request.suffixes().stream().mapToInt(s -> s.length).max().orElse(0);
        int most = request.params().maxNewTokens();
        int needed = (cache.pagesFor(length) + cache.pagesFor(longest + most - 1)) * cache.pageRows();
        if (needed > cache.rows()) {
            return Optional.of("prompt '" + id + "' needs " + needed + " rows of the KV cache (" + length + " prompt tokens, " + longest
                    + " of a suffix, " + most + " new ones, in pages of " + cache.pageRows() + "), but " + limits.kvRowsKey() + " gives "
                    + cache.rows() + "; raise it, or shorten the prompt or max_new_tokens");
        }
        int end = where.next() + longest + most;
        if (end > maxPositions) {
            return Optional.of("prompt '" + id + "' with up to " + most + " new tokens ends at position " + end
                    + ", but the model's max_position_embeddings is " + maxPositions + "; shorten the prompt or max_new_tokens");
        }
        return Optional.empty();
    }
}
