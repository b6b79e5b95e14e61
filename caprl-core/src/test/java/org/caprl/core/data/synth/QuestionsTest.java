package org.caprl.core.data.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.caprl.core.data.QaItem;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private static final int TRAIN = 4000;
    private static final int EVAL = 2000;

    @Test
    void everyQuestionHasOneAnswerWhichTheFullCaptionGives() {
        for (int i = 0; i < 2000; i++) {
            Scene scene = Scenes.scene(Split.TRAIN, 1, i);
            List<QaItem> items = Questions.of(scene, i);
            assertTrue(items.size() >= 5, scene + " has " + items.size());
            assertEquals(items.size(), items.stream().map(QaItem::question).distinct().count());
            for (QaItem item : items) {
                Set<String> answers = Query.parse(item.question()).orElseThrow().answers(new HashSet<>(scene.facts()));
                assertEquals(Set.of(item.choices().get(item.answer())), answers);
                assertEquals(item.answer(), CaptionAnswer.of(CaptionWriter.full(scene), item));
                assertEquals(item.question().startsWith("How big") ? 2 : 4, item.choices().size());
            }
        }
    }

    /** The commonest answer to a wording in training, among the choices; unseen wordings and ties take the first choice. */
    @Test
    void theCommonestAnswerToAWordingIsAGuess() {
        Map<String, Map<String, Integer>> seen = new HashMap<>();
        for (int i = 0; i < TRAIN; i++) {
            for (QaItem item : Questions.of(Scenes.scene(Split.TRAIN, 2, i), i)) {
                seen.computeIfAbsent(item.question(), q -> new HashMap<>()).merge(item.choices().get(item.answer()), 1, Integer::sum);
            }
        }
        atChance((scene, item) -> best(item, choice -> seen.getOrDefault(item.question(), Map.of()).getOrDefault(choice, 0)));
    }

    /** The share of times that a choice was right where it was offered: sees wrong choices of another distribution than right ones. */
    @Test
    void theChoiceMostOftenRightWhenOfferedIsAGuess() {
        Map<String, int[]> offered = new HashMap<>();
        for (int i = 0; i < TRAIN; i++) {
            for (QaItem item : Questions.of(Scenes.scene(Split.TRAIN, 2, i), i)) {
                for (int c = 0; c < item.choices().size(); c++) {
                    int[] count = offered.computeIfAbsent(kind(item) + item.choices().get(c), key -> new int[2]);
                    count[0]++;
                    count[1] += c == item.answer() ? 1 : 0;
                }
            }
        }
        atChance((scene, item) -> best(item, choice -> {
            int[] count = offered.getOrDefault(kind(item) + choice, new int[] {1, 0});
            return 1_000_000 * count[1] / count[0];
        }));
    }

    @Test
    void aLetterIsAGuess() {
        for (int letter = 0; letter < 2; letter++) {
            int guess = letter;
            atChance((scene, item) -> guess);
        }
    }

    /** Every kind of question, and all together, within 0.05 of chance. */
    private static void atChance(BiFunction<Scene, QaItem, Integer> guess) {
        Map<String, double[]> kinds = new TreeMap<>();
        for (int i = 0; i < EVAL; i++) {
            Scene scene = Scenes.scene(Split.EVAL, 2, i);
            for (QaItem item : Questions.of(scene, i)) {
                for (String kind : List.of("all", kind(item))) {
                    double[] sums = kinds.computeIfAbsent(kind, key -> new double[3]);
                    sums[0]++;
                    sums[1] += guess.apply(scene, item) == item.answer() ? 1 : 0;
                    sums[2] += 1.0 / item.choices().size();
                }
            }
        }
        assertEquals(10, kinds.size(), () -> "kinds of questions: " + kinds.keySet());
        kinds.forEach((kind, sums) -> assertEquals(sums[2] / sums[0], sums[1] / sums[0], 0.05,
                () -> kind + " over " + sums[0] + " questions"));
    }

    private static int best(QaItem item, ToIntFunction<String> score) {
        int best = 0;
        for (int c = 1; c < item.choices().size(); c++) {
            best = score.applyAsInt(item.choices().get(c)) > score.applyAsInt(item.choices().get(best)) ? c : best;
        }
        return best;
    }

    private static String kind(QaItem item) {
        Query query = Query.parse(item.question()).orElseThrow();
        return query.attribute() + (query.subject().isPresent() ? " of a thing" : " to thing");
    }
}
