package org.caprl.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigWriterTest {
    private static final SmallConfig FULL = new SmallConfig(-3, "cpu",
            new SmallConfig.Data(Path.of("."), Optional.of(Path.of("a b/c.jsonl")), Optional.of(new SmallConfig.Synth(5, 1))),
            new SmallConfig.Trainer(3, 1e-6, false, new SmallConfig.Loss(SmallConfig.Average.DR_GRPO, 0.1f, 1e9f)),
            List.of(1, 2), Map.of("qa", 0.5, "length", 2.0), List.of(new SmallConfig.Stage("no", 1), new SmallConfig.Stage("warm up", 2)));

    @Test
    void writesEveryKeyInOrder() {
        assertEquals("""
                seed: -3
                backend: cpu
                data:
                  train: .
                  eval: a b/c.jsonl
                  synth:
                    rows: 5
                    seed: 1
                trainer:
                  steps: 3
                  lr: 1.0e-6
                  verbose: false
                  loss:
                    average: dr_grpo
                    clip_low: 0.1
                    clip_high: 1.0e+9
                stop_ids: [1, 2]
                rewards:
                  length: 2.0
                  qa: 0.5
                stages:
                  -
                    name: "no"
                    steps: 1
                  -
                    name: warm up
                    steps: 2
                """, ConfigWriter.yaml(FULL));
    }

    @Test
    void readingBackGivesTheSameRecordAndText() {
        SmallConfig back = ConfigReader.parse(SmallConfig.class, ConfigWriter.yaml(FULL), "written", List.of());
        assertEquals(FULL, back);
        assertEquals(ConfigWriter.yaml(FULL), ConfigWriter.yaml(back));
    }

    @Test
    void emptyPartsComeBackEmpty() {
        SmallConfig.Data data = new SmallConfig.Data(Path.of("."), Optional.empty(), Optional.empty());
        SmallConfig empty = new SmallConfig(1, "auto", data, FULL.trainer(), List.of(), Map.of(), List.of());
        assertEquals(empty, ConfigReader.parse(SmallConfig.class, ConfigWriter.yaml(empty), "written", List.of()));
    }

    record Word(@Key(doc = "Any text.") String text, @Key(doc = "Texts.") List<String> list, @Key(doc = "Names.") Map<String, String> map) {
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "~", "true", "No", "12", "1e-5", ".5", ".inf", "-", "- a", "a: b", "a #b", "#", "a, b", "[x]",
        "{", "'", "\"", "\\n", "line\nbreak\r\n", "\ttab", "Überfluß 水 🙂", "\u0000\u0085\u2028\ufeff", "&a", "*a", "!t", "%", "@", "`", "|",
        ">", "?", "runs/a-b.c", "two  spaces", "trailing ", "Please describe this image in detail.", "<|im_end|>", "auto",
        "127.0.0.1:6379", "2026-01-02", "=", "<<"})
    void anyTextComesBackAsItWas(String text) {
        Word word = new Word(text, List.of(text, "x"), Map.of(text, text));
        assertEquals(word, ConfigReader.parse(Word.class, ConfigWriter.yaml(word), "written", List.of()));
    }

    /** A text that names a file, one that might and does not, and one that is never a file. */
    record Template(@Key(doc = "d", mayBeFile = true) String file, @Key(doc = "d", mayBeFile = true) String name,
            @Key(doc = "d") String text) {
    }

    @Test
    void anotherProcessIsToldWholePaths() {
        Template template = new Template("pom.xml", "default", "pom.xml");
        assertEquals("file: " + Path.of("pom.xml").toAbsolutePath() + "\nname: default\ntext: pom.xml\n", ConfigWriter.portable(template));
        assertEquals("file: pom.xml\nname: default\ntext: pom.xml\n", ConfigWriter.yaml(template));
    }

    @Test
    void differencesAreNamedByKey() {
        SmallConfig other = new SmallConfig(-3, "cpu",
                new SmallConfig.Data(Path.of("."), Optional.of(Path.of("a b/c.jsonl")), Optional.empty()),
                new SmallConfig.Trainer(4, 1e-6, false, FULL.trainer().loss()), List.of(1), Map.of("qa", 0.5), FULL.stages());
        List<String> differences = ConfigDiff.between(FULL, other).stream().map(Object::toString).toList();
        assertEquals(List.of("data.synth: (absent) -> null", "data.synth.rows: 5 -> (absent)", "data.synth.seed: 1 -> (absent)",
                "rewards.length: 2.0 -> (absent)", "stop_ids: [1, 2] -> [1]", "trainer.steps: 3 -> 4"), differences);
        assertEquals(List.of(), ConfigDiff.between(FULL, FULL));
    }

    @Test
    void textsOfAnOlderVersionAreCompared() {
        assertEquals(List.of(new ConfigDiff.Difference("trainer.beta", "(absent)", "0.0")),
                ConfigDiff.between("trainer: {lr: 1.0}\n", "trainer:\n  lr: 1.0\n  beta: 0.0\n"));
    }
}
