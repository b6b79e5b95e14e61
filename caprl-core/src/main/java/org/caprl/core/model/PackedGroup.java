package org.caprl.core.model;

import java.util.List;

/**
 * One prompt and what was written after it: a caption's siblings, or a text's questions. The prompt is computed once for all.
 *
 * @param prompt the shared prompt, at least one token
 * @param completions continuations that do not see each other
 */
public record PackedGroup(Prompt prompt, List<Completion> completions) {
    /**
     * Token ids after the prompt.
     *
     * @param ids all ids
     * @param scoredFrom the first id whose log-probability is wanted; earlier ones are only context
     */
    public record Completion(int[] ids, int scoredFrom) {
        /** Ids that are all scored. */
        public static Completion of(int... ids) {
            return new Completion(ids, 0);
        }

        /** Number of scored ids. */
        public int scored() {
            return ids.length - scoredFrom;
        }
    }

    /** Rows that the group takes in a forward pass: the last id of a completion predicts nothing and takes none. */
    public int rows() {
        int rows = prompt.ids().length;
        for (Completion c : completions) {
            rows += Math.max(0, c.ids().length - 1);
        }
        return rows;
    }

    /** Scored ids of all completions. */
    public int scored() {
        return completions.stream().mapToInt(Completion::scored).sum();
    }
}
