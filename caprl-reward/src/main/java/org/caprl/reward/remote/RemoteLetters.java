package org.caprl.reward.remote;

import java.util.Arrays;
import java.util.Map;
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
     * {@value #NOT_ANSWERED}; an answer without any of them counts as the refusal, which is never right.
     *
     * @param firstTokens log-probabilities by token, perhaps none
     * @param text the most probable answer
     * @param posed what was asked
     */
    static LetterLogProbs of(Map<String, Double> firstTokens, String text, PosedQuestion posed) {
        double[] byLetter = new double[LetterLogProbs.LETTERS];
        Arrays.fill(byLetter, firstTokens.values().stream().mapToDouble(Double::doubleValue).min().orElse(NOT_ANSWERED));
        boolean any = false;
        for (int i = 0; i < byLetter.length; i++) {
            String letter = Character.toString('A' + i);
            // Servers that cut the answer's leading space name the token without it.
            Double logProb = firstTokens.getOrDefault(" " + letter, firstTokens.get(letter));
            if (logProb != null && Double.isFinite(logProb)) {
                byLetter[i] = logProb;
                any = true;
            }
        }
        if (!any) {
            Arrays.fill(byLetter, NOT_ANSWERED);
            int letter = AnswerMark.of(text, posed).letter().orElse(PosedQuestion.REFUSAL_LETTER);
            byLetter[Math.min(letter, PosedQuestion.REFUSAL_LETTER) - 'A'] = 0;
        }
        return new LetterLogProbs(byLetter);
    }
}
