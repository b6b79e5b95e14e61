package org.caprl.reward.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageElsewhere;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.GroupToScore.CaptionText;
import org.caprl.reward.Score;
import org.caprl.reward.qa.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeRewardTest {
    private static final String GOOD = "{\"factuality\": 1, \"temporal_alignment\": 0.5, \"coverage\": 0.2, \"no_hallucination\": 0.25}";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "{\"factuality\": 1, \"temporal_alignment\": 0.5, \"coverage\": 0.2, \"no_hallucination\": 0.25}! 0.525",
        "{\"factuality\": 1, \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1}! 1.0",
        "{\"factuality\": 0, \"temporal_alignment\": 0, \"coverage\": 0, \"no_hallucination\": 1}! 0.2",
        "```json {\"factuality\": 1, \"temporal_alignment\": 1, \"coverage\": 1, \"hallucination_penalty\": 0, \"reason\": \"x\"} ```! 0.8",
        "In {short}: {\"factuality\": 0, \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1} and {\"factuality\": 1}! 0.7",
    })
    void gradesAreWeighed(String reply, double value) {
        assertEquals(value, Verdict.parse(reply).value(), 1e-15);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "good caption! no JSON object in the reply 'good caption'",
        "{\"factuality\": 1! no JSON object",
        "[1, 1, 1, 1]! no JSON object",
        "{\"factuality\": 1, \"temporal_alignment\": 1, \"coverage\": 1}! no 'no_hallucination'",
        "{\"factuality\": \"1\", \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1}! 'factuality' is \"1\", not a number",
        "{\"factuality\": 8, \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1}! 'factuality' is 8, not from 0 to 1",
        "{\"factuality\": -0.1, \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1}! not from 0 to 1",
        "{\"factuality\": 1e400, \"temporal_alignment\": 1, \"coverage\": 1, \"no_hallucination\": 1}! not from 0 to 1",
    })
    void aReplyWithoutGradesSaysWhy(String reply, String why) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Verdict.parse(reply));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    private static GroupToScore group(Optional<String> reference, String... captions) {
        CaptionSample sample = new CaptionSample("17", List.of(new ImageElsewhere("17")), CaptionSample.defaultPrompt(1), "", List.of(),
                reference, List.of());
        return new GroupToScore(sample, Arrays.stream(captions).map(c -> new CaptionText(c, 3)).toList(), 1);
    }

    @Test
    void whatCanNotBeGradedIsUnscoredNeverZero() {
        List<TextWriter.Request> asked = new ArrayList<>();
        JudgeReward reward = new JudgeReward(requests -> {
            asked.addAll(requests);
            return requests.stream().map(r -> r.userTurn().endsWith("fails") ? Answer.failed("too long")
                    : Answer.of(r.userTurn().endsWith("odd") ? "fine" : GOOD)).toList();
        }, "default");
        List<List<Score>> scores = reward.score(List.of(group(Optional.empty(), "x"),
                group(Optional.of("the truth"), "good", "odd", "fails")));
        assertTrue(scores.get(0).getFirst().unscored().orElseThrow().contains("has no 'caption' to compare with"));
        assertEquals(0.525, scores.get(1).get(0).value(), 1e-15);
        assertTrue(scores.get(1).get(1).unscored().orElseThrow().contains("no JSON object"));
        assertEquals("the judge did not reply: too long", scores.get(1).get(2).unscored().orElseThrow());
        assertEquals(3, asked.size());
        assertTrue(asked.getFirst().userTurn().contains("The right description:\nthe truth\n\nThe description to grade:\ngood"));
        assertEquals(3, asked.stream().map(TextWriter.Request::key).distinct().count());
    }

    @Test
    void aTemplateMayLeaveTheReferenceOut() throws IOException {
        Path file = Files.writeString(folder.resolve("judge.txt"), "Grade {caption}\n");
        List<TextWriter.Request> asked = new ArrayList<>();
        JudgeReward reward = new JudgeReward(requests -> {
            asked.addAll(requests);
            return requests.stream().map(r -> Answer.of(GOOD)).toList();
        }, file.toString());
        assertEquals(0.525, reward.score(List.of(group(Optional.empty(), "{reference}"))).getFirst().getFirst().value(), 1e-15);
        assertEquals("Grade {reference}", asked.getFirst().userTurn());
        Path bad = Files.writeString(folder.resolve("bad.txt"), "Grade {reference}");
        assertTrue(assertThrows(InputException.class, () -> new JudgeReward(null, bad.toString())).getMessage()
                .contains("reward.judge.template '" + bad + "' must contain {caption} exactly once"));
    }
}
