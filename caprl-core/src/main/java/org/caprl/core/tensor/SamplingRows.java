package org.caprl.core.tensor;

/**
 * How each row of a batch of logits is turned into a token; filled in place so that decoding allocates nothing.
 *
 * <p>Order as in {@code transformers} and vLLM: repetition penalty on the logits, division by temperature, top-k, top-p, min-p.
 * A temperature of 0 means greedy: the largest logit after the penalty, the lowest id among equals.
 */
public final class SamplingRows {
    /** Divides the logits; 0 for greedy. */
    public final float[] temperature;
    /** Keeps the k largest; 0 for all. */
    public final int[] topK;
    /** Keeps the smallest set of largest probabilities whose sum reaches this; 1 for all. */
    public final float[] topP;
    /** Drops tokens less probable than this times the largest probability; 0 for none. */
    public final float[] minP;
    /** Divides positive and multiplies negative logits of seen tokens; 1 for none. */
    public final float[] repetitionPenalty;
    /** Key of the row's random numbers. */
    public final long[] key;
    /** Counter of the random number to use: the index of the token in its caption. */
    public final int[] counter;
    /** Bit set of tokens seen so far (prompt and output), one bit an id; null where there is no penalty. */
    public final long[][] seen;

    /** Room for {@code rows} rows, all greedy. */
    public SamplingRows(int rows) {
        temperature = new float[rows];
        topK = new int[rows];
        topP = new float[rows];
        minP = new float[rows];
        repetitionPenalty = new float[rows];
        key = new long[rows];
        counter = new int[rows];
        seen = new long[rows][];
        java.util.Arrays.fill(topP, 1f);
        java.util.Arrays.fill(repetitionPenalty, 1f);
    }

    /** Number of rows there is room for. */
    public int capacity() {
        return temperature.length;
    }
}
