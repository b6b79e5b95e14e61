package org.caprl.core.generate;

import java.util.Collections;
import java.util.List;
import org.caprl.core.model.Prompt;

/**
 * One prompt and the branches that continue it. The prompt is computed once; branch i goes on after {@code suffixes.get(i)}.
 *
 * <p>The policy asks for G captions of an image with G empty suffixes; the answerer asks all questions about a caption with one
 * suffix each.
 *
 * @param prompt what all branches share
 * @param suffixes ids that follow the prompt, one array a branch, often empty
 * @param params how to draw and when to stop
 * @param keys random key of each branch, see {@link org.caprl.core.random.CounterRandom}; the counter is the token's index
 */
public record GenerationRequest(Prompt prompt, List<int[]> suffixes, SamplingParams params, long[] keys) {
    private static final int[] EMPTY = {};

    /** @throws IllegalArgumentException if there is no branch, no prompt token, or not one key a branch */
    public GenerationRequest {
        suffixes = List.copyOf(suffixes);
        if (prompt.ids().length == 0) {
            throw new IllegalArgumentException("prompt '" + prompt.id() + "' has no tokens");
        }
        if (suffixes.isEmpty() || suffixes.size() != keys.length) {
            throw new IllegalArgumentException("prompt '" + prompt.id() + "': " + suffixes.size() + " branches with " + keys.length
                    + " random keys; there must be at least one branch, and a key for each");
        }
    }

    /** One caption a key, each right after the prompt. */
    public static GenerationRequest captions(Prompt prompt, SamplingParams params, long... keys) {
        return new GenerationRequest(prompt, Collections.nCopies(keys.length, EMPTY), params, keys);
    }

    /** Number of branches. */
    public int branches() {
        return keys.length;
    }
}
