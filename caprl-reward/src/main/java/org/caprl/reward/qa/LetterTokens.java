package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.text.BpeTokenizer;

/**
 * The answers " A" to " F" as tokens. In most vocabularies each is one token; where it is several, the answer's log-probability is the sum
 * over them, each after the ones before.
 *
 * @param answers ids of each answer, by letter
 * @param beginnings every different beginning after which a token is scored, as ids; where all answers are one token, only the empty one
 * @param candidates every different id of the answers
 */
record LetterTokens(int[][] answers, List<int[]> beginnings, int[] candidates) {
    /** The letters in this tokenizer. */
    static LetterTokens of(BpeTokenizer tokenizer) {
        int[][] answers = new int[PosedQuestion.REFUSAL_LETTER - 'A' + 1][];
        Arrays.setAll(answers, i -> tokenizer.encode(" " + (char) ('A' + i)));
        List<int[]> beginnings = new ArrayList<>();
        for (int[] answer : answers) {
            for (int n = 0; n < answer.length; n++) {
                int[] beginning = Arrays.copyOf(answer, n);
                if (find(beginnings, beginning) < 0) {
                    beginnings.add(beginning);
                }
            }
        }
        return new LetterTokens(answers, beginnings, Arrays.stream(answers).flatMapToInt(Arrays::stream).distinct().toArray());
    }

    /** What to score for a question: its ids, followed by each of the beginnings. */
    List<int[]> rows(int[] question) {
        List<int[]> rows = new ArrayList<>();
        for (int[] beginning : beginnings) {
            int[] row = Arrays.copyOf(question, question.length + beginning.length);
            System.arraycopy(beginning, 0, row, question.length, beginning.length);
            rows.add(row);
        }
        return rows;
    }

    /**
     * Log-probability of each letter's answer.
     *
     * @param scores log-probs [row][candidate] of one question's {@link #rows}
     */
    double[] logProbs(List<float[]> scores) {
        double[] sums = new double[answers.length];
        for (int letter = 0; letter < sums.length; letter++) {
            int[] answer = answers[letter];
            for (int n = 0; n < answer.length; n++) {
                sums[letter] += scores.get(find(beginnings, Arrays.copyOf(answer, n)))[candidate(answer[n])];
            }
        }
        return sums;
    }

    private int candidate(int id) {
        int i = 0;
        while (candidates[i] != id) {
            i++;
        }
        return i;
    }

    private static int find(List<int[]> list, int[] wanted) {
        for (int i = 0; i < list.size(); i++) {
            if (Arrays.equals(list.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }
}
