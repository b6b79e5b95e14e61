package org.caprl.reward.qa;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.caprl.core.RunStoppedException;

/**
 * What an answerer thinks of each letter as the answer to one question.
 *
 * @param byLetter natural log-probabilities of the answers A to F, raw (no temperature); letters between the question's options and the
 *     refusal are not offered, whatever stands there
 * @param failure why there are none; {@code byLetter} is then NaN
 */
public record LetterLogProbs(double[] byLetter, Optional<String> failure) {
    /** Letters A to F. */
    public static final int LETTERS = PosedQuestion.REFUSAL_LETTER - 'A' + 1;

    /** @throws IllegalArgumentException if it is not one a letter */
    public LetterLogProbs {
        Objects.requireNonNull(failure, "failure");
        if (byLetter.length != LETTERS) {
            throw new IllegalArgumentException(LETTERS + " letters, got " + byLetter.length);
        }
    }

    /** What it thinks. */
    public LetterLogProbs(double... byLetter) {
        this(byLetter, Optional.empty());
    }

    /** The question could not be put to it, and why. */
    public static LetterLogProbs failed(String reason) {
        double[] none = new double[LETTERS];
        Arrays.fill(none, Double.NaN);
        return new LetterLogProbs(none, Optional.of(reason));
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
     * @throws RunStoppedException if there is a failure in its place: no letter would be the right one to count
     */
    public char best(PosedQuestion question, boolean mustChoose) {
        failure.ifPresent(reason -> {
            throw new RunStoppedException("the question '" + question.question() + "' could not be put to the answerer: " + reason
                    + ". Its letters were not counted.");
        });
        int best = 0;
        for (int i = 1; i < byLetter.length; i++) {
            boolean asked = offered(question, i) && !(mustChoose && i == LETTERS - 1);
            best = asked && byLetter[i] > byLetter[best] ? i : best;
        }
        return (char) ('A' + best);
    }
}
