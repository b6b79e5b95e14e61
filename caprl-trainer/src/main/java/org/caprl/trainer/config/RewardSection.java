package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * What a caption is worth: the weighted sum of its parts.
 *
 * @param questionsPerCaption drawn with replacement
 * @param answerTemperature of the answerer
 * @param answerMaxTokens of the answerer
 * @param qaWeight weight of the share of right answers
 * @param length reward of short captions
 * @param maxUnscoredShare above it the run stops
 */
public record RewardSection(
        @Key(doc = "Questions that the answerer gets about each caption, drawn with replacement.", defaultValue = "8", min = 1)
        int questionsPerCaption,
        @Key(doc = "Temperature of the answerer; 0 takes its most probable answer.",
                defaultValue = "0.6", min = 0) double answerTemperature,
        @Key(doc = "Most tokens of an answer.", defaultValue = "10", min = 1) int answerMaxTokens,
        @Key(doc = "Weight of the share of right answers.", defaultValue = "1.0", min = 0) double qaWeight,
        @Key(doc = "Reward of captions that are not too long.") LengthSection length,
        @Key(doc = "The run stops when more than this share of a step's captions could not be scored.",
                defaultValue = "0.5", min = 0, max = 1)
        double maxUnscoredShare) {
}
