package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.SourceJar;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.FormatReward.TimeMarks;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.LengthReward;
import org.caprl.reward.qa.AnswerMark;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.reward.qa.QaReward;
import org.caprl.trainer.config.RewardSection;
import org.caprl.trainer.config.RunConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs with every kind of reward; and what samples tell is enough to compute their rewards again. */
class RewardRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 2;

    @TempDir
    private static Path temp;
    private static TinyRun tiny;
    private static Path jar;

    @BeforeAll
    static void models() throws IOException {
        tiny = TinyRun.write(temp, STEPS, "", "");
        String reward = """
                package org.example;
                import java.util.*;
                import org.caprl.reward.*;
                public final class %s implements Reward {
                    public String name() { return "letters"; }
                    public List<List<Score>> score(List<GroupToScore> groups) {
                        return groups.stream().map(g -> g.captions().stream().map(c -> %s).toList()).toList();
                    }
                }
                """;
        jar = SourceJar.compile(temp, Map.of("org.example.Letters", reward.formatted("Letters", "Score.of(c.text().length() / 100.0)"),
                "org.example.Broken", reward.formatted("Broken", "Score.of(Double.NaN)")));
    }

    private static String custom(String name) {
        return "reward.custom=[{class: org.example." + name + ", jar: " + jar + ", weight: 0.25}]";
    }

    @ParameterizedTest
    @ValueSource(strings = {"reward.questions_per_caption=2", "reward.questions_per_caption=all", "reward.wrong_penalty=0.5",
        "reward.marking=probability", "reward.format={weight: 0.5}", "custom"})
    void samplesAreEnoughToComputeTheirRewardsAgain(String setting) throws IOException {
        RunConfig config = tiny.config(setting.equals("custom") ? custom("Letters") : setting);
        Path run = tiny.run(setting.equals("custom") ? custom("Letters") : setting, "run.name=replay-" + Math.abs(setting.hashCode()));
        Map<String, CaptionSample> samples = new HashMap<>();
        try (FileSource source = FileSource.open(config.data().train(), RowUse.QUESTIONS, BadRows.FAIL, 0)) {
            source.forEach(sample -> samples.put(sample.id(), sample));
        }
        List<StepMetrics> metrics = MetricsFile.read(run.resolve("metrics.jsonl"));
        int captions = 0;
        for (int step = 1; step <= STEPS; step++) {
            double sum = 0;
            List<String> lines = Files.readAllLines(run.resolve("samples/step-" + step + ".jsonl"));
            for (String text : lines) {
                JsonNode line = JSON.readTree(text);
                double total = replayed(config, samples.get(line.path("id").asText()), line);
                assertEquals(line.path("reward").asDouble(), total, text);
                sum += total;
                captions++;
            }
            assertEquals(metrics.get(step).get(MetricKey.REWARD_MEAN).orElseThrow(), sum / lines.size(), 1e-15);
        }
        assertEquals(STEPS * 2 * 3, captions);
    }

    /** The reward of a caption from its line, the data and the configuration alone. */
    private static double replayed(RunConfig config, CaptionSample sample, JsonNode line) {
        RewardSection r = config.reward();
        GroupToScore group = new GroupToScore(sample, List.of(),
                GroupToScore.key(config.seed(), line.path("step").asInt(), sample.id()));
        List<PosedQuestion> paper = QaReward.draw(r.paper(), sample, group.captionKey(line.path("index").asInt()));
        JsonNode qa = line.path("rewards").path("qa");
        assertEquals(paper.size(), qa.path("details").size());
        double right = 0;
        double wrong = 0;
        for (int q = 0; q < paper.size(); q++) {
            JsonNode detail = qa.path("details").path(q);
            PosedQuestion posed = paper.get(q);
            List<String> options = new ArrayList<>();
            detail.path("options").forEach(option -> options.add(option.asText()));
            int answer = detail.path("right").asText().charAt(0) - 'A';
            assertEquals(posed, new PosedQuestion(detail.path("question").asText(), options, answer));
            if (detail.has("probabilities")) {
                double sum = 0;
                for (JsonNode p : detail.path("probabilities")) {
                    sum += p.asDouble();
                }
                assertEquals(1, sum, 1e-12);
                right += detail.path("probabilities").path(String.valueOf(posed.rightLetter())).asDouble();
            } else {
                AnswerMark mark = AnswerMark.of(detail.path("answer").asText(), posed);
                assertEquals(detail.path("correct").asBoolean(), mark.right());
                assertEquals(detail.path("chosen").asText(), mark.letter().isPresent() ? Character.toString(mark.letter().getAsInt()) : "");
                right += mark.right() ? 1 : 0;
                wrong += mark.wrong() ? 1 : 0;
            }
        }
        double value = right / paper.size() - r.wrongPenalty() * (wrong / paper.size());
        assertEquals(qa.path("value").asDouble(), value);
        String caption = line.path("caption").asText();
        double total = r.qaWeight() * value
                + r.length().weight() * new LengthReward(r.length().l1(), r.length().l2()).of(line.path("tokens").asInt());
        if (r.format().weight() != 0) {
            total += r.format().weight() * TimeMarks.of(caption).value();
        }
        return r.custom().isEmpty() ? total : total + 0.25 * (caption.length() / 100.0);
    }

    @Test
    void everyPartIsAMetric() {
        Path run = tiny.run("run.name=all", custom("Letters"), "reward.format={weight: 1}", "reward.judge={path: " + temp
                + "/answerer, weight: 0, max_tokens: 4}");
        StepMetrics step = MetricsFile.read(run.resolve("metrics.jsonl")).get(1);
        for (String part : List.of("qa", "length", "format", "letters")) {
            assertTrue(step.get(MetricKey.reward(part)).isPresent(), part);
        }
        assertFalse(step.get(MetricKey.reward("judge")).isPresent(), "random weights write no JSON, so nothing was graded");
        assertEquals(0, step.get(MetricKey.COUNT_UNMATCHED_QUESTIONS).orElseThrow());
    }

    @Test
    void aJudgeThatGradesNothingStopsTheRun() {
        String message = assertThrows(RunStoppedException.class, () -> tiny.run("run.name=judged",
                "reward.judge={path: " + temp + "/answerer, max_tokens: 4}")).getMessage();
        assertTrue(message.contains("6 of 6 captions could not be scored"), message);
        assertTrue(message.contains("judge: no JSON object in the reply"), message);
    }

    @Test
    void aBrokenRewardStopsTheRunWithItsKey() {
        String message = assertThrows(RunStoppedException.class, () -> tiny.run("run.name=broken", custom("Broken"))).getMessage();
        assertTrue(message.contains("reward 'letters' of reward.custom[0] (org.example.Broken) failed: ")
                && message.contains("got NaN"), message);
    }

    @Test
    void aMissingClassIsNamedWithItsLine() throws IOException {
        Path file = temp.resolve("missing.yaml");
        Files.writeString(file, Files.readString(tiny.file()).replace("reward: {questions_per_caption: 2,",
                "reward: {custom: [{class: org.example.Gone, jar: " + jar + "}],"));
        String message = assertThrows(InputException.class,
                () -> ConfigReader.read(RunConfig.class, file, List.of())).getMessage();
        assertTrue(message.contains("missing.yaml:9: reward.custom[0]: no class org.example.Gone in " + jar), message);
    }

    @Test
    void questionsWithoutTheirRightOptionAreCounted() throws IOException {
        Path run = tiny.run("run.name=plain");
        RunConfig config = tiny.config();
        Path data = Files.createDirectories(temp.resolve("unmatched"));
        String rows = Files.readString(config.data().train()).replaceAll("\"answer\":\"[A-E]\"", "\"answer\":\"F\"")
                .replace("\"path\":\"", "\"path\":\"" + config.data().train().getParent() + "/");
        Files.writeString(data.resolve("rows.jsonl"), rows);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path kept = tiny.launch(out, false, "run.name=kept", "data.train=" + data.resolve("rows.jsonl"));
        assertTrue(out.toString().contains(" questions have a right answer that is not among their options; reward.unmatched: keep asks"),
                out.toString());
        assertTrue(MetricsFile.read(kept.resolve("metrics.jsonl")).get(1).get(MetricKey.COUNT_UNMATCHED_QUESTIONS).orElseThrow() > 0);
        String message = assertThrows(RunStoppedException.class, () -> tiny.run("run.name=dropped", "reward.unmatched=drop",
                "data.train=" + data.resolve("rows.jsonl"))).getMessage();
        assertTrue(message.contains("has its right answer among its options"), message);
        assertEquals(0, MetricsFile.read(run.resolve("metrics.jsonl")).get(1).get(MetricKey.COUNT_UNMATCHED_QUESTIONS).orElseThrow());
    }
}
