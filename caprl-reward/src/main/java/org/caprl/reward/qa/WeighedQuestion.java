package org.caprl.reward.qa;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One question with the probability of each letter: what {@link ProbabilityMarking} leaves in the run's samples.
 *
 * @param question the wording
 * @param options in the order shown, without labels and without the refusal option
 * @param right label of the right option
 * @param probabilities of the offered letters, by label, the refusal last; their sum is 1
 * @param credit the right one's; 0 if it is not offered
 */
public record WeighedQuestion(String question, List<String> options, String right, Map<String, Double> probabilities, double credit) {
    /** The map keeps its order. */
    public WeighedQuestion {
        probabilities = Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
    }

    static WeighedQuestion of(PosedQuestion posed, double[] byLetter) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (int i = 0; i < byLetter.length; i++) {
            if (LetterLogProbs.offered(posed, i)) {
                probabilities.put(String.valueOf((char) ('A' + i)), byLetter[i]);
            }
        }
        String right = String.valueOf(posed.rightLetter());
        return new WeighedQuestion(posed.question(), posed.options(), right, probabilities, probabilities.getOrDefault(right, 0.0));
    }

    /** What wrong options have. */
    double wrong() {
        return probabilities.entrySet().stream().filter(p -> !p.getKey().equals(right))
                .filter(p -> p.getKey().charAt(0) != PosedQuestion.REFUSAL_LETTER).mapToDouble(Map.Entry::getValue).sum();
    }
}
