package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ProbabilityMarkingTest {
    private static final PosedQuestion TWO = new PosedQuestion("Q?", List.of("one", "two"), 1);
    /** A 1/8, B 1/4, F 1/8; the rest lies on C, which is not offered. */
    private static final LetterLogProbs LETTERS = new LetterLogProbs(
            DoubleStream.of(0.125, 0.25, 0.5, 1e-9, 1e-9, 0.125).map(Math::log).toArray());

    @Test
    void offeredLettersShareOne() {
        assertArrayEquals(new double[] {0.25, 0.5, 0, 0, 0, 0.25}, LETTERS.probabilities(TWO, 1), 1e-15);
        // Squared at temperature 1/2: 1, 4, 1 of 6.
        assertArrayEquals(new double[] {1 / 6.0, 4 / 6.0, 0, 0, 0, 1 / 6.0}, LETTERS.probabilities(TWO, 0.5), 1e-15);
        assertArrayEquals(new double[] {0, 1, 0, 0, 0, 0}, LETTERS.probabilities(TWO, 0), 0);
    }

    @Test
    void aQuestionIsWorthTheProbabilityOfItsRightLetter() {
        Answerer answerer = new Answerer() {
            @Override
            public List<List<Answer>> answer(List<CaptionQuestions> captions) {
                throw new AssertionError("nothing is sampled");
            }

            @Override
            public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
                return captions.stream().map(c -> c.questions().stream().map(q -> LETTERS).toList()).toList();
            }
        };
        PosedQuestion refusal = new PosedQuestion("Q?", List.of("one", "two"), 5);
        PosedQuestion nowhere = new PosedQuestion("Q?", List.of("one", "two"), 3);
        CaptionQuestions asked = new CaptionQuestions("", List.of(TWO, refusal, nowhere), 0);
        List<Marking.Mark> marks = new ProbabilityMarking(1).mark(answerer, List.of(asked)).getFirst();
        assertEquals(List.of(0.5, 0.25, 0.0), marks.stream().map(m -> round(m.right())).toList());
        assertEquals(List.of(0.25, 0.75, 0.75), marks.stream().map(m -> round(m.wrong())).toList());
        WeighedQuestion detail = (WeighedQuestion) marks.getFirst().detail();
        assertEquals(List.of("A", "B", "F"), List.copyOf(detail.probabilities().keySet()));
        assertEquals("B", detail.right());
        assertEquals(detail.probabilities().get("B"), detail.credit());
    }

    private static double round(double x) {
        return Math.round(x * 1e12) / 1e12;
    }

    @Test
    void temperaturesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new ProbabilityMarking(-1));
        assertThrows(IllegalArgumentException.class, () -> new ProbabilityMarking(Double.NaN));
        assertTrue(new ProbabilityMarking(0).temperature() == 0);
    }
}
