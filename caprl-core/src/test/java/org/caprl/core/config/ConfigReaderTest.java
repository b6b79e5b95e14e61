package org.caprl.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    @TempDir
    private Path folder;
    private Path rows;

    @BeforeEach
    void makeRows() throws IOException {
        rows = Files.createFile(folder.resolve("rows.jsonl"));
    }

    @Test
    void defaultsFillWhatIsNotGiven() throws IOException {
        SmallConfig config = read("data:\n  train: rows.jsonl\ntrainer:\n  steps: 3\n");
        assertEquals(new SmallConfig(17, "auto", new SmallConfig.Data(rows, Optional.empty(), Optional.empty()),
                new SmallConfig.Trainer(3, 1e-5, true, new SmallConfig.Loss(SmallConfig.Average.DAPO, 0.2f, 0.2f)),
                List.of(), Map.of("qa", 1.0), List.of()), config);
    }

    @Test
    void everyKindOfValueIsRead() throws IOException {
        SmallConfig config = read("""
                seed: 10_000_000_000
                backend: cpu
                data: {train: rows.jsonl, eval: none/there.jsonl, synth: {rows: 5}}
                trainer:
                  steps: 3
                  lr: 1e-6   # a text for YAML 1.1
                  verbose: false
                  loss: {average: dr_grpo, clip_low: .1, clip_high: 1}
                stop_ids: [1, 2]
                rewards: {qa: 0.5, length: 0}
                stages:
                  - name: no
                  - {name: "null", steps: 2}
                """);
        assertEquals(new SmallConfig(10_000_000_000L, "cpu",
                new SmallConfig.Data(rows, Optional.of(Path.of("none/there.jsonl")), Optional.of(new SmallConfig.Synth(5, 1))),
                new SmallConfig.Trainer(3, 1e-6, false, new SmallConfig.Loss(SmallConfig.Average.DR_GRPO, 0.1f, 1f)),
                List.of(1, 2), Map.of("qa", 0.5, "length", 0.0),
                List.of(new SmallConfig.Stage("no", 1), new SmallConfig.Stage("null", 2))), config);
    }

    @Test
    void everyMistakeIsReportedAtOnceWithItsLine() {
        List<String> lines = mistakes("""
                seed: soon
                backend: cpi
                data:
                  train: gone.jsonl
                  synth: {rows: 0}
                  sink: x
                trainer:
                  lr: 2
                  verbose: yes
                  verbose: true
                  loss:
                    average: dr_grop
                    clip_lo: 0.1
                    clip_high: -1
                stop_ids: [1, two, -3]
                rewards: 3
                steps: 4
                stages:
                  - steps: 2
                """, "trainer.loss.clip_low=1", "trainer.lrr=3", "nonsense", "trainer.loss.average=[");
        String file = folder.resolve("c.yaml") + ":";
        assertEquals(List.of(
                file + "1: seed: found 'soon', expected a whole number",
                file + "2: backend: found 'cpi', expected one of auto, cpu, reference; did you mean cpu?",
                file + "4: data.train: found 'gone.jsonl', expected the path of an existing file or folder; looked in " + folder + " and "
                        + Path.of("").toAbsolutePath(),
                file + "5: data.synth.rows: found '0', expected a whole number at least 1",
                file + "6: data.sink: unknown key; the keys here are train, eval, synth",
                file + "8: trainer.steps: missing; expected a whole number at least 1 (How many steps.)",
                file + "8: trainer.lr: found '2', expected a number above 0 and at most 1",
                file + "10: trainer.verbose: given twice, first at " + file + "9; remove one of them",
                file + "12: trainer.loss.average: found 'dr_grop', expected one of grpo, dr_grpo, dapo; did you mean dr_grpo?",
                file + "13: trainer.loss.clip_lo: unknown key; did you mean clip_low?",
                file + "14: trainer.loss.clip_high: found '-1', expected a number at least 0",
                file + "15: stop_ids[1]: found 'two', expected a whole number at least 0",
                file + "15: stop_ids[2]: found '-3', expected a whole number at least 0",
                file + "16: rewards: found '3', expected names, each with a number at least 0",
                file + "17: steps: unknown key; did you mean trainer.steps or stages[].steps?",
                file + "19: stages[0].name: missing; expected text (Its name.)",
                "command line: nonsense: expected key=value with the full path of the key, such as trainer.lr=1e-5",
                "command line: trainer.loss.average=[: malformed YAML: expected the node content, but found '<stream end>' "
                        + "while parsing a flow node, at column 2",
                "command line: trainer.lrr=3: unknown key; did you mean lr?",
                "command line: trainer.loss.clip_low=1: found '1', expected a number at least 0 and below 1"), lines);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "trainer.steps | 1.5", "trainer.steps | 1e3", "trainer.steps | 3000000000", "trainer.steps | '3'", "trainer.steps | [3]",
        "trainer.steps | ", "trainer.lr | nan", "trainer.lr | NaN", "trainer.lr | 0.1f", "trainer.lr | 0x1p-3", "trainer.lr | 0",
        "trainer.verbose | yes", "trainer.verbose | 1", "trainer | 3", "trainer.loss.average | DAPO", "trainer.loss.clip_high | 1e300",
        "data.train | {a: 1}", "data.train | ", "seed.x | 3", "stages | [3]", "rewards | {qa: x}",
    })
    void valuesOfAnotherTypeAreRefused(String key, String value) {
        String override = key + "=" + (value == null ? "" : value);
        List<String> lines = mistakes("data: {train: rows.jsonl}\ntrainer: {steps: 1}\n", override);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().startsWith("command line: " + override + ": "), lines.getFirst());
        assertTrue(lines.getFirst().contains("expected "), lines.getFirst());
    }

    @Test
    void overridesWinOverTheFileAndEachOther() throws IOException {
        SmallConfig config = read("data: {train: rows.jsonl}\ntrainer: {steps: 1}\nrewards: {a: 1}\n", "trainer.steps=2",
                "trainer.steps=3", "stop_ids=[4, 5]", "data.synth.rows=6", "trainer.loss.average=grpo", "rewards={b: 2}");
        assertEquals(3, config.trainer().steps());
        assertEquals(List.of(4, 5), config.stopIds());
        assertEquals(Optional.of(new SmallConfig.Synth(6, 1)), config.data().synth());
        assertEquals(SmallConfig.Average.GRPO, config.trainer().loss().average());
        assertEquals(Map.of("b", 2.0), config.rewards());
    }

    @Test
    void keyOfAnotherSectionIsFound() {
        assertEquals(List.of("command line: clip_low=0.1: unknown key; did you mean trainer.loss.clip_low?"),
                mistakes("data: {train: rows.jsonl}\ntrainer: {steps: 1}\n", "clip_low=0.1"));
    }

    @Test
    void whatSpansSeveralKeysIsReportedAtItsSection() {
        assertEquals(List.of(folder.resolve("c.yaml") + ":4: trainer.loss: clip_low 0.5 is above clip_high 0.2"),
                mistakes("data: {train: rows.jsonl}\ntrainer:\n  steps: 1\n  loss: {clip_low: 0.5}\n"));
    }

    @Test
    void pathsAreFoundBesideTheFileThenInTheCurrentFolder() throws IOException {
        SmallConfig config = read("data: {train: ./rows.jsonl, eval: pom.xml}\ntrainer: {steps: 1}\n");
        assertEquals(rows, config.data().train());
        assertEquals(Optional.of(Path.of("pom.xml")), config.data().eval());
        // On the command line the config's folder does not count.
        List<String> lines = mistakes("trainer: {steps: 1}\n", "data.train=rows.jsonl");
        assertEquals(List.of("command line: data.train=rows.jsonl: found 'rows.jsonl', expected the path of an existing file or folder; "
                + "looked in " + Path.of("").toAbsolutePath()), lines);
        assertEquals(rows, read("trainer: {steps: 1}\n", "data.train=" + rows).data().train());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "a: b: c | 1: malformed YAML: mapping values are not allowed here", "seed: 1\\n  backend: cpu | 2: malformed YAML",
        "seed: [1\\nbackend: cpu | 2: malformed YAML", "seed: *a | 1: malformed YAML: found undefined alias a",
        "seed: 1\\n---\\nseed: 2 | 2: malformed YAML: but found another document",
        "- a | 1: found the list ['a'], expected sections with keys", "'just words' | 1: found 'just words', expected sections",
        "seed:\\n\\t1 | 2: malformed YAML", "data: &a {eval: *a} | contains itself"})
    void malformedYamlNamesTheLine(String yaml, String expected) {
        List<String> lines = mistakes(yaml.replace("\\n", "\n").replace("\\t", "\t"));
        assertTrue(lines.stream().anyMatch(l -> l.contains(expected)), lines + " should contain " + expected);
    }

    @Test
    void unreadableFilesAreNamed() throws IOException {
        Path none = folder.resolve("none.yaml");
        assertTrue(message(none).startsWith("cannot read the configuration " + none));
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});
        assertTrue(message(latin).contains("not UTF-8"));
    }

    @Test
    void textIsReadWithoutAFile() {
        SmallConfig config = ConfigReader.parse(SmallConfig.class, "trainer: {steps: 1}", "text", List.of("data.train=" + rows));
        assertEquals(1, config.trainer().steps());
        InputException e = assertThrows(InputException.class,
                () -> ConfigReader.parse(SmallConfig.class, "\ntrainer: {}", "text", List.of("data.train=" + rows)));
        assertEquals("1 mistake in the configuration text:\n"
                + "  text:2: trainer.steps: missing; expected a whole number at least 1 (How many steps.)", e.getMessage());
    }

    private SmallConfig read(String yaml, String... overrides) throws IOException {
        return ConfigReader.read(SmallConfig.class, Files.writeString(folder.resolve("c.yaml"), yaml), List.of(overrides));
    }

    private String message(Path file) {
        return assertThrows(InputException.class, () -> ConfigReader.read(SmallConfig.class, file, List.of())).getMessage();
    }

    private List<String> mistakes(String yaml, String... overrides) {
        String message = assertThrows(InputException.class, () -> read(yaml, overrides)).getMessage();
        List<String> lines = Stream.of(message.split("\n")).toList();
        int count = lines.size() - 1;
        assertTrue(lines.getFirst().startsWith(count + " mistake"), message);
        return lines.stream().skip(1).map(String::strip).toList();
    }
}
