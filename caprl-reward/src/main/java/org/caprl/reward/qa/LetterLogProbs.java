package org.caprl.reward.qa;

/**
 * What an answerer thinks of each letter as the answer to one question.
 *
 * @param byLetter natural log-probabilities of the answers A to F, raw (no temperature); letters between the question's options and the
 *     refusal are not offered, whatever stands there
 */
public record LetterLogProbs(double[] byLetter) {
    /** Letters A to F. */
    public static final int LETTERS = PosedQuestion.REFUSAL_LETTER - 'A' + 1;

    /** @throws IllegalArgumentException if it is not one a letter */
    public LetterLogProbs {
        if (byLetter.length != LETTERS) {
            throw new IllegalArgumentException(LETTERS + " letters, got " + byLetter.length);
        }
    }

    /**
     * The most probable letter of those offered; of equal ones the first.
     *
     * @param mustChoose the refusal is not offered
     */
    public char best(PosedQuestion question, boolean mustChoose) {
        int best = 0;
        int options = question.options().size();
        for (int i = 1; i < byLetter.length; i++) {
            boolean offered = i < options || !mustChoose && i == byLetter.length - 1;
            best = offered && byLetter[i] > byLetter[best] ? i : best;
        }
        return (char) ('A' + best);
    }
}
