package org.caprl.reward.remote;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.caprl.reward.qa.AnswerMark;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;

/** What a server's answer says of each letter. */
final class RemoteLetters {
    /** Of letters that a server without log-probabilities did not answer: finite, and no probability beside the other's 1. */
    static final double NOT_ANSWERED = -100;

    private RemoteLetters() {
    }

    /**
     * The log-probability of each letter.
     *
     * <p>A letter among the most probable first tokens has its own; the others have the least that was reported, which is more than they
     * have. Where none is among them, or the server gives no log-probabilities, the letter of the most probable answer has 0 and the others
     * {@value #NOT_ANSWERED}; an answer without any of them counts as the refusal.
     *
     * <p>Equal to what a local answerer computes where each letter with the space before it is one token, and all six are reported.
     *
     * @param firstTokens log-probabilities by token, perhaps none
     * @param text the most probable answer
     * @param posed what was asked
     */
    static LetterLogProbs of(Map<String, Double> firstTokens, String text, PosedQuestion posed) {
        double[] byLetter = new double[LetterLogProbs.LETTERS];
        Optional<String> before = before(firstTokens);
        if (before.isPresent()) {
            double least = Collections.min(firstTokens.values());
            Arrays.setAll(byLetter, i -> firstTokens.getOrDefault(before.get() + letter(i), least));
        } else {
            Arrays.fill(byLetter, NOT_ANSWERED);
            int letter = AnswerMark.of(text, posed).letter().orElse(PosedQuestion.REFUSAL_LETTER);
            byLetter[Math.min(letter, PosedQuestion.REFUSAL_LETTER) - 'A'] = 0;
        }
        return new LetterLogProbs(byLetter);
    }

    /**
     * What stands before the letters: a space; or nothing, where a server drops it, if then the most probable token is a letter. In a
     * vocabulary whose letters are several tokens neither holds.
     */
    private static Optional<String> before(Map<String, Double> firstTokens) {
        if (any(firstTokens.keySet(), " ")) {
            return Optional.of(" ");
        }
        return firstTokens.entrySet().stream().max(Map.Entry.comparingByValue())
                .filter(most -> any(Set.of(most.getKey()), "")).map(_ -> "");
    }

    private static boolean any(Set<String> tokens, String before) {
        return IntStream.range(0, LetterLogProbs.LETTERS).anyMatch(i -> tokens.contains(before + letter(i)));
    }

    private static char letter(int i) {
        return (char) ('A' + i);
    }
}
