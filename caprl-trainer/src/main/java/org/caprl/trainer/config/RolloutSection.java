package org.caprl.trainer.config;

import java.util.List;
import org.caprl.core.config.Key;

/**
 * How captions are sampled in training. Evaluation is greedy.
 *
 * @param captionsPerPrompt G
 * @param maxNewTokens of a caption
 * @param temperature of sampling, also of the log-probs in the ratio
 * @param topP nucleus
 * @param topK number of candidates
 * @param minP threshold relative to the best
 * @param repetitionPenalty on tokens that occurred
 * @param stop texts that end a caption
 * @param maxRows captions decoded together
 * @param kvRows capacity of the KV cache in tokens
 */
public record RolloutSection(
        @Key(doc = "Captions of one image in a step: the group G of GRPO.", defaultValue = "8", min = 2) int captionsPerPrompt,
        @Key(doc = "Most tokens of a caption.", defaultValue = "256", min = 1) int maxNewTokens,
        @Key(doc = "Divides the logits before sampling.", defaultValue = "1.0", exclusiveMin = 0) double temperature,
        @Key(doc = "Keeps the most probable tokens that together reach this probability.", defaultValue = "1.0", exclusiveMin = 0, max = 1)
        double topP,
        @Key(doc = "Keeps this many of the most probable tokens; 0 keeps all.", defaultValue = "0", min = 0) int topK,
        @Key(doc = "Keeps tokens at least this probable relative to the most probable; 0 keeps all.",
                defaultValue = "0.0", min = 0, max = 1)
        double minP,
        @Key(doc = "Divides the positive and multiplies the negative logits of tokens that occurred before; 1 changes nothing.",
                defaultValue = "1.0", exclusiveMin = 0) double repetitionPenalty,
        @Key(doc = "Texts that end a caption, besides the checkpoint's EOS tokens.", defaultValue = "[]") List<String> stop,
        @Key(doc = "Most captions that are decoded together.", defaultValue = "64", min = 1) int maxRows,
        @Key(doc = "Tokens that the KV cache holds, prompts counted once a group; 0 takes what `rollout.max_rows` captions can need.",
                defaultValue = "0", min = 0) int kvRows) {
}
