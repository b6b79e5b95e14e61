package org.caprl.core.generate;

/**
 * One generated continuation. The arrays have one entry a token and must not be written.
 *
 * @param ids generated tokens; the last one is the end token where one was sampled
 * @param rawLogProbs natural log-probabilities, no temperature, no filters
 * @param temperedLogProbs of the logits divided by the temperature (raw where greedy): those of the policy ratio
 * @param sampledLogProbs after penalty, temperature and filters: what the token was drawn with (0 where greedy)
 * @param finish why it ended
 * @param weightVersion version of the weights that wrote it
 */
public record Caption(int[] ids, float[] rawLogProbs, float[] temperedLogProbs, float[] sampledLogProbs, FinishReason finish,
        long weightVersion) {
    /** Number of tokens. */
    public int length() {
        return ids.length;
    }

    /** Whether it came to its own end, by an end token or a stop string. */
    public boolean finished() {
        return finish != FinishReason.LENGTH;
    }
}
