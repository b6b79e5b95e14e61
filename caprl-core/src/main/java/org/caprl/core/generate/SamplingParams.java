package org.caprl.core.generate;

import java.util.List;

/**
 * How tokens are drawn and when a caption ends. The order of the filters is that of
 * {@link org.caprl.core.tensor.SamplingRows}: penalty, temperature, top-k, top-p, min-p.
 *
 * @param temperature divides the logits; 0 for greedy
 * @param topK keeps the k most probable tokens; 0 for all
 * @param topP keeps the smallest set of most probable tokens whose probabilities reach this sum, in (0, 1]; 1 for all
 * @param minP drops tokens less probable than this times the most probable one, in [0, 1]; 0 for none
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen in prompt or caption; 1 for none
 * @param maxNewTokens most tokens of a caption, its end token included
 * @param stop texts that end a caption when they appear in it; they stay in its ids
 * @param eosIds tokens that end a caption
 * @param stopRule one more reason to stop
 */
public record SamplingParams(double temperature, int topK, double topP, double minP, double repetitionPenalty, int maxNewTokens,
        List<String> stop, List<Integer> eosIds, StopRule stopRule) {
    /** @throws IllegalArgumentException if a number is out of range */
    public SamplingParams {
        require(temperature >= 0 && Double.isFinite(temperature), "temperature must be 0 or more", temperature);
        require(topK >= 0, "topK must be 0 (all) or more", topK);
        require(topP > 0 && topP <= 1, "topP must be in (0, 1]", topP);
        require(minP >= 0 && minP <= 1, "minP must be in [0, 1]", minP);
        require(repetitionPenalty > 0 && Double.isFinite(repetitionPenalty), "repetitionPenalty must be above 0", repetitionPenalty);
        require(maxNewTokens >= 1, "maxNewTokens must be 1 or more", maxNewTokens);
        stop = List.copyOf(stop);
        eosIds = List.copyOf(eosIds);
        if (stop.contains("")) {
            throw new IllegalArgumentException("an empty stop string would end every caption");
        }
    }

    private static void require(boolean holds, String rule, Number value) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", got " + value);
        }
    }

    /** The most probable token each time. */
    public static SamplingParams greedy(int maxNewTokens, List<Integer> eosIds) {
        return new SamplingParams(0, 0, 1, 0, 1, maxNewTokens, List.of(), eosIds, StopRule.NONE);
    }

    /** Draws from the whole distribution at a temperature. */
    public static SamplingParams sampling(double temperature, int maxNewTokens, List<Integer> eosIds) {
        return new SamplingParams(temperature, 0, 1, 0, 1, maxNewTokens, List.of(), eosIds, StopRule.NONE);
    }

    /** The same with these filters. */
    public SamplingParams withFilters(int k, double p, double min) {
        return new SamplingParams(temperature, k, p, min, repetitionPenalty, maxNewTokens, stop, eosIds, stopRule);
    }

    /** The same with this repetition penalty. */
    public SamplingParams withRepetitionPenalty(double penalty) {
        return new SamplingParams(temperature, topK, topP, minP, penalty, maxNewTokens, stop, eosIds, stopRule);
    }

    /** The same with these stop strings. */
    public SamplingParams withStop(String... texts) {
        return new SamplingParams(temperature, topK, topP, minP, repetitionPenalty, maxNewTokens, List.of(texts), eosIds, stopRule);
    }

    /** The same with this stop rule. */
    public SamplingParams withStopRule(StopRule rule) {
        return new SamplingParams(temperature, topK, topP, minP, repetitionPenalty, maxNewTokens, stop, eosIds, rule);
    }

    /** Whether the end of a caption depends on its text. */
    boolean readsText() {
        return !stop.isEmpty() || stopRule != StopRule.NONE;
    }
}
