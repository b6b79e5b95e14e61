package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.QaItem;
import org.caprl.core.random.CounterRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionPaperTest {
    private static final QaItem COLOUR = new QaItem("What colour is the circle?", List.of("red", "blue", "green", "yellow"), 2);
    private static final QaItem PLACE = new QaItem("Where is the square?", List.of("left", "right"), 0);

    static CaptionSample sample(QaItem... questions) {
        return new CaptionSample("000017", List.of(new ImageOnDisk(Path.of("images/000017.png"))), CaptionSample.defaultPrompt(1), "shapes",
                List.of(questions), Optional.empty(), List.of());
    }

    @Test
    void textIsThatOfTheContract() {
        PosedQuestion posed = new PosedQuestion(COLOUR.question(), List.of("green", "red"), 0);
        assertEquals("""
                What colour is the circle?
                   - A) green
                   - B) red
                   - F) Can not answer based on the caption""", QuestionText.of(posed));
    }

    @Test
    void drawIsPinned() {
        List<PosedQuestion> paper = new QuestionPaper(3).draw(sample(COLOUR, PLACE), CounterRandom.key(1, 2, 3));
        assertEquals(List.of(
                new PosedQuestion(COLOUR.question(), List.of("blue", "red", "yellow", "green"), 3),
                new PosedQuestion(PLACE.question(), List.of("left", "right"), 0),
                new PosedQuestion(PLACE.question(), List.of("right", "left"), 1)), paper);
    }

    @Test
    void drawDependsOnItsKeyAlone() {
        QuestionPaper paper = new QuestionPaper(8);
        CaptionSample sample = sample(COLOUR, PLACE);
        assertEquals(paper.draw(sample, 5), paper.draw(sample, 5));
        assertNotEquals(paper.draw(sample, 5), paper.draw(sample, 6));
        // A longer paper begins with the shorter one.
        assertEquals(new QuestionPaper(4).draw(sample, 5), paper.draw(sample, 5).subList(0, 4));
    }

    @Test
    void rightOptionKeepsItsTextAndTakesEachPlaceEquallyOften() {
        int n = 20_000;
        int[] places = new int[4];
        Set<List<String>> orders = new HashSet<>();
        for (int i = 0; i < n; i++) {
            PosedQuestion posed = QuestionPaper.ALL.draw(sample(COLOUR), CounterRandom.key(9, i)).getFirst();
            assertEquals("green", posed.options().get(posed.right()));
            assertEquals(Set.copyOf(COLOUR.choices()), Set.copyOf(posed.options()));
            assertTrue(QuestionText.of(posed).endsWith("\n   - F) Can not answer based on the caption"));
            places[posed.right()]++;
            orders.add(posed.options());
        }
        for (int place : places) {
            assertEquals(n / 4.0, place, 5 * Math.sqrt(n * 0.25 * 0.75));
        }
        assertEquals(24, orders.size());
    }

    @Test
    void drawsWithReplacementEquallyOften() {
        int n = 4_000;
        int colours = 0;
        Set<Long> perPaper = new HashSet<>();
        for (int i = 0; i < n; i++) {
            long ofPaper = new QuestionPaper(3).draw(sample(COLOUR, PLACE), CounterRandom.key(4, i)).stream()
                    .filter(posed -> posed.question().equals(COLOUR.question())).count();
            colours += (int) ofPaper;
            perPaper.add(ofPaper);
        }
        assertEquals(0.5, colours / (3.0 * n), 5 * Math.sqrt(0.25 / (3.0 * n)));
        assertEquals(Set.of(0L, 1L, 2L, 3L), perPaper);
    }

    @Test
    void allTakesEachQuestionOnceInOrder() {
        List<PosedQuestion> paper = QuestionPaper.ALL.draw(sample(PLACE, COLOUR), 1);
        assertEquals(List.of(PLACE.question(), COLOUR.question()), paper.stream().map(PosedQuestion::question).toList());
    }

    /** Chi-square of the place of every option, whatever their number; the quantile for a probability of 0.001. */
    @ParameterizedTest
    @CsvSource({"2, 10.828", "3, 13.816", "4, 16.266", "5, 18.467"})
    void everyOptionTakesEachPlaceEquallyOften(int options, double quantile) {
        int n = 12_000;
        List<String> texts = List.of("v", "w", "x", "y", "z").subList(0, options);
        for (int right = 0; right < options; right++) {
            int[][] places = new int[options][options];
            for (int i = 0; i < n; i++) {
                CaptionSample one = sample(new QaItem("Q?", texts, right));
                PosedQuestion posed = QuestionPaper.ALL.draw(one, CounterRandom.key(77, right, i)).getFirst();
                assertEquals(texts.get(right), posed.options().get(posed.right()));
                for (int place = 0; place < options; place++) {
                    places[texts.indexOf(posed.options().get(place))][place]++;
                }
            }
            for (int[] option : places) {
                double expected = n / (double) options;
                double chiSquare = Arrays.stream(option).mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
                assertTrue(chiSquare < quantile, options + " options: chi-square " + chiSquare + " of " + Arrays.toString(option));
            }
        }
    }

    @Test
    void theRefusalIsTheLastLineAndHasTheLetterF() {
        for (int options = 2; options <= 5; options++) {
            QaItem item = new QaItem("Q?", List.of("v", "w", "x", "y", "z").subList(0, options), 0);
            String[] lines = QuestionText.of(QuestionPaper.ALL.draw(sample(item), options).getFirst()).split("\n");
            assertEquals(options + 2, lines.length);
            assertEquals("   - F) Can not answer based on the caption", lines[lines.length - 1]);
            for (int i = 0; i < options; i++) {
                assertTrue(lines[i + 1].startsWith("   - " + "ABCDE".charAt(i) + ") "), lines[i + 1]);
            }
        }
    }

    @Test
    void aQuestionWithoutItsRightOptionIsNotShuffledOrNotAsked() {
        QaItem refused = new QaItem("How heavy is it?", List.of("1", "2", "3"), 5);
        for (int key = 0; key < 20; key++) {
            assertEquals(List.of(new PosedQuestion("How heavy is it?", List.of("1", "2", "3"), 5)),
                    QuestionPaper.ALL.draw(sample(refused), key));
        }
        assertEquals('F', QuestionPaper.ALL.draw(sample(refused), 0).getFirst().rightLetter());
        QuestionPaper dropping = new QuestionPaper(6, Unmatched.DROP);
        assertEquals(dropping.draw(sample(COLOUR), 3), dropping.draw(sample(refused, COLOUR), 3));
        assertEquals(List.of(), dropping.draw(sample(refused), 3));
    }

    @Test
    void badQuestionsAreRefused() {
        InputException none = assertThrows(InputException.class, () -> new QuestionPaper(8).draw(sample(), 1));
        assertTrue(none.getMessage().contains("000017"), none.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new PosedQuestion("Q?", List.of("1", "2", "3", "4", "5", "6"), 0));
        assertThrows(IllegalArgumentException.class, () -> new PosedQuestion("Q?", List.of("1", "2"), 9));
        assertThrows(IllegalArgumentException.class, () -> new QuestionPaper(-1));
        assertEquals('E', new PosedQuestion("Q?", List.of("1", "2", "3", "4", "5"), 4).rightLetter());
    }
}
