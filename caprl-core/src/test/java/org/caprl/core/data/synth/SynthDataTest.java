package org.caprl.core.data.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Fact;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.FileSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthDataTest {
    @TempDir
    Path folder;

    @Test
    void theRowsAreReadBackAndNoSceneIsInTwoParts() throws IOException {
        SynthData.write(folder.resolve("data"), 60, 30, 4);
        SynthData.writeWarmStart(folder.resolve("warm"), 60, 40, new CaptionNoise(0.6, 0.8, 0.1), 4);
        Set<Set<Fact>> eval = scenes("data/eval.jsonl", RowUse.QUESTIONS, 30);
        Set<Set<Fact>> train = scenes("data/train.jsonl", RowUse.QUESTIONS, 60);
        Set<Set<Fact>> warm = scenes("warm/policy.jsonl", RowUse.CAPTION, 60);
        assertTrue(Collections.disjoint(eval, train) && Collections.disjoint(eval, warm) && Collections.disjoint(train, warm));
        JsonNode row = new ObjectMapper().readTree(Files.readAllLines(folder.resolve("warm/answerer.jsonl")).getFirst());
        assertEquals(Set.of("id", "kind", "caption", "question", "choices", "answer"), Set.copyOf(fieldNames(row)));
        assertEquals(40, Files.readAllLines(folder.resolve("warm/answerer.jsonl")).size());
    }

    /** The order of a scene's facts and the seed don't matter: 2000 scenes of every part under different seeds. */
    @Test
    void noEvaluationSceneIsTrainedOnWhateverTheSeeds() {
        Set<Set<Fact>> eval = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            eval.add(new HashSet<>(Scenes.scene(Split.EVAL, 10 + i % 3, i).facts()));
        }
        for (int i = 0; i < 2000; i++) {
            assertFalse(eval.contains(new HashSet<>(Scenes.scene(Split.TRAIN, 20 + i % 3, i).facts())));
            Scene warm = new PolicyExamples(i % 3, Split.WARM_START, CaptionNoise.NONE).get(i).scene();
            assertFalse(eval.contains(new HashSet<>(warm.facts())));
        }
    }

    @Test
    void theSameSeedGivesTheSameBytes() throws IOException {
        SynthData.write(folder.resolve("a"), 12, 6, 9);
        SynthData.write(folder.resolve("b"), 12, 6, 9);
        SynthData.write(folder.resolve("c"), 12, 6, 10);
        assertEquals(files("a"), files("b"));
        assertEquals(files("a").keySet(), files("c").keySet());
        assertNotEquals(files("a"), files("c"));
    }

    @Test
    void whatIsThereIsNotOverwrittenAndAnErrorLeavesNothing() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/mine.txt"), "mine");
        InputException full = assertThrows(InputException.class, () -> SynthData.write(folder.resolve("data"), 2, 2, 0));
        assertTrue(full.getMessage().contains("not empty"), full.getMessage());
        InputException none = assertThrows(InputException.class, () -> SynthData.write(folder.resolve("none"), 2, 0, 0));
        assertTrue(none.getMessage().contains("eval rows is 0"), none.getMessage());
        try (Stream<Path> left = Files.walk(folder)) {
            assertEquals(3, left.count());
        }
    }

    @Test
    void theAnswererLearnsToFollowTheCaption() {
        AnswererExamples examples = new AnswererExamples(1, Split.WARM_START);
        Map<CaptionKind, Integer> kinds = new EnumMap<>(CaptionKind.class);
        Map<String, Integer> letters = new TreeMap<>();
        int changed = 0;
        for (int i = 0; i < 2000; i++) {
            AnswererExample full = examples.get(i, CaptionKind.FULL);
            assertEquals(full.question().answer(), full.impliedOption());
            assertEquals(CaptionAnswer.NONE, examples.get(i, CaptionKind.EMPTY).impliedOption());
            AnswererExample wrong = examples.get(i, CaptionKind.ONE_WRONG);
            assertNotEquals(wrong.question().answer(), wrong.impliedOption(), wrong::toString);
            changed += wrong.impliedOption() == CaptionAnswer.NONE ? 0 : 1;
            AnswererExample example = examples.get(i);
            kinds.merge(example.kind(), 1, Integer::sum);
            letters.merge(example.targetLetter(), 1, Integer::sum);
            assertEquals(example, examples.get(i));
        }
        assertEquals(CaptionKind.values().length, kinds.size());
        assertTrue(changed > 500, "wrong captions that imply a wrong choice: " + changed);
        assertEquals(Set.of("A", "B", "C", "D", "F"), letters.keySet());
        assertTrue(letters.get("F") > 400 && letters.get("F") < 800, letters::toString);
        assertTrue(letters.get("A") - letters.get("D") < 250, letters::toString);
    }

    private Set<Set<Fact>> scenes(String file, RowUse use, int rows) {
        Set<Set<Fact>> scenes = new HashSet<>();
        try (FileSource source = FileSource.open(folder.resolve(file), use, BadRows.FAIL, 0)) {
            assertEquals(rows, source.size().orElseThrow());
            for (CaptionSample sample : source) {
                assertEquals(use == RowUse.QUESTIONS, new HashSet<>(sample.facts()).equals(FactReader.read(sample.caption().orElseThrow()))
                        && sample.questions().size() >= 5, "full captions and questions only for the reward");
                scenes.add(new HashSet<>(sample.facts()));
            }
        }
        return scenes;
    }

    private Map<String, Integer> files(String name) throws IOException {
        Map<String, Integer> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder.resolve(name))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(folder.resolve(name).relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static Set<String> fieldNames(JsonNode row) {
        Set<String> names = new HashSet<>();
        row.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
