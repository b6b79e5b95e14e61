package org.caprl.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.SourceJar;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageElsewhere;
import org.caprl.reward.GroupToScore.CaptionText;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomRewardTest {
    @TempDir
    private static Path folder;
    private static Path jar;

    @BeforeAll
    static void compile() throws IOException {
        String kinds = """
                package org.example;
                import java.util.*;
                import org.caprl.reward.*;
                public class %s implements Reward {
                    %s
                    public String name() { return "%s"; }
                    public List<List<Score>> score(List<GroupToScore> groups) { %s }
                }
                """;
        String zeros = "return groups.stream().map(g -> g.captions().stream().map(c -> Score.of(0)).toList()).toList();";
        jar = SourceJar.compile(folder, Map.of(
                "org.example.Words", kinds.formatted("Words", "private final double each; public Words(Map<String, String> options) {"
                        + " each = Double.parseDouble(options.get(\"each\")); }", "words", "return groups.stream().map(g -> g.captions()"
                        + ".stream().map(c -> Score.of(each * c.text().split(\" \").length)).toList()).toList();"),
                "org.example.Throws", kinds.formatted("Throws", "", "throws", "throw new IllegalStateException(\"no way\");"),
                "org.example.NotANumber", kinds.formatted("NotANumber", "", "nan",
                        "return List.of(List.of(Score.of(0.0 / 0.0)));"),
                "org.example.Few", kinds.formatted("Few", "", "few", "return List.of();"),
                "org.example.None", kinds.formatted("None", "", "none", "return null;"),
                "org.example.Taken", kinds.formatted("Taken", "", "qa", zeros),
                "org.example.Spaces", kinds.formatted("Spaces", "", "two words", zeros),
                "org.example.Fails", kinds.formatted("Fails", "public Fails() { throw new RuntimeException(\"not today\"); }", "fails",
                        zeros),
                "org.example.Hidden", kinds.formatted("Hidden", "private Hidden() { }", "hidden", zeros),
                "org.example.Other", "package org.example; public class Other { }"));
    }

    private static GroupToScore group(String... captions) {
        CaptionSample sample = new CaptionSample("17", List.of(new ImageElsewhere("17")), CaptionSample.defaultPrompt(1), "", List.of(),
                Optional.empty(), List.of());
        return new GroupToScore(sample, Arrays.stream(captions).map(c -> new CaptionText(c, 3)).toList(), 1);
    }

    private static CustomReward load(String name, Map<String, String> options) {
        return CustomReward.load("org.example." + name, Optional.of(jar), options, "reward.custom[2]");
    }

    @Test
    void aClassOfAnotherJarScores() {
        try (CustomReward reward = load("Words", Map.of("each", "0.5"))) {
            assertEquals("words", reward.name());
            List<Score> scores = reward.score(List.of(group("a circle", "a red circle"))).getFirst();
            assertEquals(List.of(1.0, 1.5), scores.stream().map(Score::value).toList());
        }
        assertThrows(ClassNotFoundException.class, () -> Class.forName("org.example.Words"), "it is in its jar only");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Missing | no class org.example.Missing in ",
        "Other | class org.example.Other is no public class that implements org.caprl.reward.Reward",
        "Hidden | class org.example.Hidden has no public constructor",
        "Fails | its constructor failed: java.lang.RuntimeException: not today",
        "Words | its constructor failed: java.lang.NullPointerException",
        "Taken | its name() is 'qa'; return one of a-z, 0-9 and _ that begins with a letter and is not format, judge, length, mean",
        "Spaces | its name() is 'two words'"})
    void aClassThatCanNotBeUsedIsNamed(String name, String why) {
        String message = assertThrows(InputException.class, () -> load(name, Map.of())).getMessage();
        assertTrue(message.startsWith("reward.custom[2] (org.example." + name + "): "), message);
        assertTrue(message.contains(why), message);
    }

    @Test
    void optionsNeedAConstructor() {
        String message = assertThrows(InputException.class, () -> load("Few", Map.of("a", "b"))).getMessage();
        assertTrue(message.contains("options [a] are given"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Throws | reward 'throws' of reward.custom[2] (org.example.Throws) failed: java.lang.IllegalStateException: no way",
        "NotANumber | failed: java.lang.IllegalArgumentException: a score is a finite number, or absent for a reason; got NaN",
        "Few | reward 'few' of reward.custom[2] (org.example.Few) did not return one score for each caption of each group",
        "None | did not return one score for each caption of each group"})
    void whatItDoesWrongStopsTheRunWithItsName(String name, String why) {
        try (CustomReward reward = load(name, Map.of())) {
            String message = assertThrows(RunStoppedException.class, () -> reward.score(List.of(group("a")))).getMessage();
            assertTrue(message.contains(why), message);
        }
    }

    @Test
    void checksBeforeMaking() {
        CustomReward.check("org.example.Fails", Optional.of(jar));
        assertThrows(IllegalArgumentException.class, () -> CustomReward.check("org.example.Missing", Optional.of(jar)));
        assertThrows(IllegalArgumentException.class, () -> CustomReward.check("org.example.Words", Optional.empty()));
    }
}
