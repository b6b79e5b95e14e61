package org.caprl.core.data.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.caprl.core.data.Fact;
import org.caprl.core.data.QaItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptionTest {
    static final ObjectScene SCENE = new ObjectScene(List.of(
            new ObjectScene.SceneObject(Shape.STAR, Colour.ORANGE, ObjectSize.SMALL, Place.CENTER),
            new ObjectScene.SceneObject(Shape.CIRCLE, Colour.RED, ObjectSize.LARGE, Place.TOP_LEFT)));
    static final ChartScene CHART = new ChartScene(List.of(
            new ChartScene.Bar("tea", 4), new ChartScene.Bar("milk", 7), new ChartScene.Bar("rice", 2)));

    @Test
    void theFullCaption() {
        assertEquals("The image shows a large red circle at the top left, a small orange star at the center. There are 2 objects.",
                CaptionWriter.full(SCENE));
        assertEquals("The image shows a chart. tea is 4, milk is 7, rice is 2. The highest is milk. The lowest is rice.",
                CaptionWriter.full(CHART));
    }

    @Test
    void theReaderFindsExactlyWhatWasToBeStated() {
        Draw draw = new Draw(5);
        for (int i = 0; i < 3000; i++) {
            Scene scene = Scenes.scene(Split.WARM_START, 5, i);
            assertEquals(new HashSet<>(scene.facts()), FactReader.read(CaptionWriter.full(scene)));
            CaptionPlan full = CaptionPlan.full(scene);
            for (CaptionPlan plan : List.of(full.noisy(new CaptionNoise(0.6, 0.7, 0.2), draw), full.hedged(draw))) {
                Set<Fact> planned = new HashSet<>(plan.closing());
                plan.mentions().forEach(mention -> planned.addAll(mention.facts()));
                assertEquals(planned, FactReader.read(CaptionWriter.write(plan)), CaptionWriter.write(plan));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "at the", "the top left", "red red red", "circle", "There are objects", "tea is", "tea is milk",
        "The highest is", "The highest is 4", "\u4e2d\u6587 \ud83d\ude00 <|im_end|>", "is 4", "There are \u0664 objects",
        "circles at the top", "a circle at the door"})
    void otherTextStatesNothing(String text) {
        assertEquals(Set.of(), FactReader.read(text));
    }

    @Test
    void aFactCountsOnceAndWhatContradictsTheSceneIsFalse() {
        FactScore score = FactScore.of(
                "a red circle, a red circle at the top left, a blue circle, a green ring. There are 3 objects. tea is 4.", SCENE.facts());
        assertEquals(new FactScore(6, 2, 4, 7), score);
        assertEquals(2.0 / 7, score.trueShare());
        assertEquals(4.0 / 6, score.falseShare());
        assertEquals(new FactScore(6, 2, 4, 14), score.plus(FactScore.of("no idea", SCENE.facts())));
        assertEquals(0, FactScore.ZERO.trueShare() + FactScore.ZERO.falseShare());
    }

    @Test
    void theNoiseHasItsRates() {
        CaptionNoise noise = new CaptionNoise(0.7, 1, 0.1);
        FactScore sum = FactScore.ZERO;
        for (int i = 0; i < 2000; i++) {
            Scene scene = Scenes.scene(Split.WARM_START, 6, i);
            if (scene instanceof ObjectScene) {
                sum = sum.plus(FactScore.of(CaptionWriter.noisy(scene, noise, i), scene.facts()));
            }
        }
        assertEquals(0.7 * 0.9, sum.trueShare(), 0.02);
        assertEquals(0.1, sum.falseShare(), 0.01);
        assertThrows(IllegalArgumentException.class, () -> new CaptionNoise(0.5, 1.1, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a red circle                                    | What colour is the circle?             | blue,red    | 1
            a red circle                                    | Which shape is red?                    | circle,star | 0
            a red circle                                    | What colour is the circle?             | blue,green  | -1
            a red circle                                    | What colour is the star?               | blue,red    | -1
            a red circle                                    | How many objects are there?            | 1,2         | -1
            There is 1 object.                              | How many objects are there?            | 1,2         | 0
            a red circle, a blue circle                     | What colour is the circle?             | blue,green  | -1
            a red circle, a red star                        | Which shape is red?                    | circle,star | -1
            a large circle at the top, a star at the left   | Where is the circle?                   | top left,top | 1
            a large circle at the top left                  | Which shape is at the top?             | circle,star | -1
            a large circle at the top left                  | Which shape is at the top left?        | star,circle | 1
            a large circle at the top left                  | How big is the circle?                 | small,large | 1
            tea is 4, milk is 7. The highest is tea.        | Which has the highest value in the chart? | milk,tea | 1
            tea is 4, milk is 7.                            | Which has the highest value in the chart? | milk,tea | -1
            tea is 4, milk is 7.                            | What is the value of milk?             | 7,4         | 0
            """)
    void theAnswerFollowsFromTheCaptionAlone(String caption, String question, String choices, int implied) {
        assertEquals(implied, CaptionAnswer.of(caption, new QaItem(question, List.of(choices.split(",")), 0)));
    }

    @Test
    void aForeignQuestionIsAnError() {
        assertThrows(IllegalArgumentException.class, () -> CaptionAnswer.of("", new QaItem("Who?", List.of("I", "you"), 0)));
    }

    @Test
    void theLanguageIsSmall() {
        Set<String> words = new TreeSet<>();
        double captionWords = 0;
        int longest = 0;
        for (int i = 0; i < 2000; i++) {
            Scene scene = Scenes.scene(Split.TRAIN, 7, i);
            List<String> texts = new ArrayList<>(List.of(CaptionWriter.full(scene)));
            for (QaItem item : Questions.of(scene, i)) {
                texts.add(item.question());
                texts.addAll(item.choices());
            }
            texts.forEach(text -> words.addAll(List.of(text.split("[ ,.?]+"))));
            int length = CaptionWriter.full(scene).split(" ").length;
            captionWords += length / 2000.0;
            longest = Math.max(longest, length);
        }
        assertTrue(words.size() < 120, words.size() + " words: " + words);
        assertTrue(longest <= 50 && captionWords < 30, "caption words: " + captionWords + " on average, at most " + longest);
    }
}
