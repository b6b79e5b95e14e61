package org.caprl.reward.qa;

import java.util.Objects;
import java.util.Optional;

/**
 * What an answerer made of one question.
 *
 * @param text what it generated after {@link AnswererPrompt#TURN_START}; empty if it failed
 * @param failure why there is no answer; the caption is then unscored
 */
public record Answer(String text, Optional<String> failure) {
    /** Checks that nothing is null. */
    public Answer {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(failure, "failure");
    }

    /** An answer. */
    public static Answer of(String text) {
        return new Answer(text, Optional.empty());
    }

    /** No answer, and why. */
    public static Answer failed(String reason) {
        return new Answer("", Optional.of(reason));
    }
}
