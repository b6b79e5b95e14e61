package org.caprl.core.generate;

/**
 * What a generator may use.
 *
 * @param decodeRows most branches that are decoded at once
 * @param kvRows rows (tokens) of the KV cache; each takes {@code 2 · layers · kvWidth · 4} bytes
 * @param pageRows rows of one page of the cache
 * @param prefillTokens most prompt tokens of one prefill pass; a longer prompt has a pass of its own
 * @param kvRowsKey config key of {@code kvRows}, named in errors
 */
public record GeneratorLimits(int decodeRows, int kvRows, int pageRows, int prefillTokens, String kvRowsKey) {
    /** Rows of a page where nobody says otherwise. */
    public static final int PAGE_ROWS = 16;

    /** @throws IllegalArgumentException if a number is below 1 */
    public GeneratorLimits {
        if (decodeRows < 1 || pageRows < 1 || kvRows < pageRows || prefillTokens < 1) {
            throw new IllegalArgumentException("decodeRows, pageRows and prefillTokens must be at least 1, kvRows at least one page; got "
                    + decodeRows + ", " + pageRows + ", " + prefillTokens + ", " + kvRows);
        }
    }

    /** With pages of {@value #PAGE_ROWS} rows. */
    public GeneratorLimits(int decodeRows, int kvRows, int prefillTokens, String kvRowsKey) {
        this(decodeRows, kvRows, PAGE_ROWS, prefillTokens, kvRowsKey);
    }

    /**
     * Limits under which {@code decodeRows} branches always run at once.
     *
     * @param branchesPerPrompt fewest branches that share a prompt
     * @param promptTokens longest prompt
     * @param branchTokens longest suffix with the new tokens after it
     */
    public static GeneratorLimits roomFor(int decodeRows, int branchesPerPrompt, int promptTokens, int branchTokens, int prefillTokens,
            String kvRowsKey) {
        long prompts = decodeRows / branchesPerPrompt + 2L;
        long rows = prompts * wholePages(promptTokens) + (long) decodeRows * wholePages(branchTokens);
        return new GeneratorLimits(decodeRows, Math.toIntExact(rows), prefillTokens, kvRowsKey);
    }

    /** Rows of the pages of {@value #PAGE_ROWS} rows that hold so many rows. */
    public static int wholePages(int rows) {
        return Math.toIntExact((rows + PAGE_ROWS - 1L) / PAGE_ROWS * PAGE_ROWS);
    }
}
