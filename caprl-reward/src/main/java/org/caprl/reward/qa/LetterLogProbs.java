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

    /** Whether a letter is one of the question's options or the refusal. @param letter 0 for A */
    static boolean offered(PosedQuestion question, int letter) {
        return letter < question.options().size() || letter == LETTERS - 1;
    }

    /**
     * Probabilities of the offered letters, 0 for the others; their sum is 1.
     *
     * @param temperature by which log-probabilities are divided; 0 gives all to {@link #best}
     */
    public double[] probabilities(PosedQuestion question, double temperature) {
        char best = best(question, false);
        double[] probabilities = new double[LETTERS];
        double sum = 0;
        for (int i = 0; i < LETTERS; i++) {
            double relative = byLetter[i] - byLetter[best - 'A'];
            probabilities[i] = !offered(question, i) ? 0 : temperature == 0 ? (i == best - 'A' ? 1 : 0) : Math.exp(relative / temperature);
            sum += probabilities[i];
        }
        for (int i = 0; i < LETTERS; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }

    /**
     * The most probable letter of those offered; of equal ones the first.
     *
     * @param mustChoose the refusal is not offered
     */
    public char best(PosedQuestion question, boolean mustChoose) {
        int best = 0;
        for (int i = 1; i < byLetter.length; i++) {
            boolean asked = offered(question, i) && !(mustChoose && i == LETTERS - 1);
            best = asked && byLetter[i] > byLetter[best] ? i : best;
        }
        return (char) ('A' + best);
    }
}
