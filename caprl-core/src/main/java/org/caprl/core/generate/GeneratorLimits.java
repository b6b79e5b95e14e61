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
}
