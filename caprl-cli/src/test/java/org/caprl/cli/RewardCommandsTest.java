package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With the trained answerer of the smoke run, on captions that say all, something wrong, and nothing. */
class RewardCommandsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String QUESTIONS = "{\"id\": \"s1\", \"image\": {\"path\": \"not/there.png\"}, "
            + "\"reward_model\": {\"ground_truth\": ["
            + "{\"question\": \"How many objects are there?\", \"choices\": [\"A) 1\", \"B) 2\", \"C) 3\", \"D) 4\"], \"answer\": \"B\"}, "
            + "{\"question\": \"How big is the star?\", \"choices\": \"A. small\\nB. large\", \"answer\": \"small\"}]}}\n";

    @TempDir
    private Path folder;
    private Path data;
    private Path captions;

    @BeforeEach
    void write() throws IOException {
        data = Files.writeString(folder.resolve("rows.jsonl"), QUESTIONS);
        captions = Files.writeString(folder.resolve("captions.jsonl"), """
                {"id": "s1", "caption": "The image shows a red circle, a small star. There are 2 objects.", "model": "some tool"}
                {"id": "s1", "caption": "The image shows a red circle, a large star. There are 3 objects."}
                {"id": "s1", "caption": "The image shows a green ring."}
                """);
    }

    private Ran reward(String command, String... more) {
        List<String> all = new ArrayList<>(List.of("reward", command, "--answerer", answerer().toString(), "--template", "short",
                "--threads", "1", "--temperature", "0", "--questions", "all"));
        all.addAll(Arrays.asList(more));
        return Ran.caprl(all.toArray(String[]::new));
    }

    private static Path answerer() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("configs/smoke/answerer"))) {
            at = at.getParent();
        }
        return at.resolve("configs/smoke/answerer");
    }

    @Test
    void captionsFromAnyToolAreScored() throws IOException {
        Path out = folder.resolve("scored.jsonl");
        Ran ran = reward("score", "--data", data.toString(), "--out", out.toString(), captions.toString(), "--rows", "2");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        List<String> lines = ran.out().lines().toList();
        assertEquals("id index  reward      qa  caption", lines.getFirst());
        assertEquals("s1     0   1.000   1.000  The image shows a red circle, a small star. There are 2 obj…", lines.get(1));
        assertEquals("s1     1   0.000   0.000  The image shows a red circle, a large star. There are 3 obj…", lines.get(2));
        assertTrue(ran.out().contains("… 1 more") && ran.out().contains("3 captions, reward 0.333, standard deviation 0.471"), ran.out());
        List<String> written = Files.readAllLines(out);
        assertEquals(3, written.size());
        JsonNode first = JSON.readTree(written.getFirst());
        assertEquals(1, first.at("/rewards/qa/value").asDouble());
        assertEquals("How many objects are there?", first.at("/rewards/qa/details/0/question").asText());
        Ran again = reward("score", "--data", data.toString(), "--out", out.toString(), captions.toString());
        assertTrue(again.code() == ExitCode.WRONG_INPUT && again.err().contains("scored.jsonl exists"), again.err());
    }

    @Test
    void jsonHasEveryCaption() throws IOException {
        Ran ran = reward("score", "--data", data.toString(), "--json", "--marking", "probability", "--wrong-penalty", "1",
                captions.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode json = JSON.readTree(ran.out());
        assertEquals(3, json.get("rows").size());
        assertEquals(1, json.at("/rows/0/reward").asDouble());
        assertEquals(-1, json.at("/rows/1/reward").asDouble(), "both wrong");
        assertEquals(0, json.at("/rows/2/reward").asDouble(), "both refused");
        assertEquals(0, json.get("unscored").asInt());
    }

    @Test
    void aCaptionIsExplained() {
        Ran ran = reward("explain", "--data", data.toString(), "--index", "2", captions.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.out().startsWith("s1, caption 2\nThe image shows a green ring.\n\nHow many objects are there?\n   A) "), ran.out());
        assertTrue(ran.out().contains(") 2 ✓\n"), ran.out());
        assertTrue(ran.out().contains("\n > F) Can not answer based on the caption\n   answer ' F': F, refused\n"), ran.out());
        assertTrue(ran.out().endsWith("\nqa       0.0000\nreward   0.0000\n"), ran.out());
        Ran weighed = reward("explain", "--data", data.toString(), "--marking", "probability", captions.toString());
        assertTrue(weighed.out().contains("1.000 ") && weighed.out().contains("   worth 1.0000\n"), weighed.out());
    }

    @Test
    void linesMayBringTheirQuestions() throws IOException {
        String line = Files.readString(data).strip();
        Files.writeString(captions, line.substring(0, line.length() - 1)
                + ", \"caption\": \"The image shows a red circle, a small star. There are 2 objects.\"}");
        Ran ran = reward("score", captions.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.out().contains("s1     0   1.000"), ran.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"id\": \"s2\", \"caption\": \"x\"} | captions.jsonl:1: no questions: the line has no 'reward_model', and the data have no",
        "{\"id\": \"s1\"}                     | captions.jsonl:1: no 'caption'",
        "{\"id\": \"s1\", \"caption\": \"x\", \"step\": -1} | captions.jsonl:1: 'step' is -1; give a whole number from 0 on",
        "nonsense                             | captions.jsonl:1: not JSON"})
    void badLinesAreNamed(String line, String why) throws IOException {
        Files.writeString(captions, line + "\n");
        Ran ran = reward("score", "--data", data.toString(), captions.toString());
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains(why), ran.err());
        assertFalse(ran.err().contains("backend"), "nothing was loaded");
    }

    @Test
    void badOptionsAreNamed() {
        assertTrue(Ran.caprl("reward", "score", captions.toString()).err().contains("exactly one of --answerer DIR and --config CONFIG"));
        assertTrue(reward("score", "--set", "seed=1", captions.toString()).err().contains("--set replaces values of --config"));
        assertTrue(reward("score", "--data", data.toString(), "--wrong-penalty", "-1", captions.toString()).err()
                .contains("--wrong-penalty is -1.0"));
        assertTrue(reward("explain", "--data", data.toString(), "--id", "s9", captions.toString()).err()
                .contains("no line with the id 's9'"));
        assertEquals(ExitCode.WRONG_INPUT, Ran.caprl("reward").code());
    }
}
