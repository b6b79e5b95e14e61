package org.caprl.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.reward.GroupToScore.CaptionText;
import org.caprl.reward.WeightedRewards.Part;
import org.junit.jupiter.api.Test;

class WeightedRewardsTest {
    private static final CaptionSample SAMPLE = new CaptionSample("s", List.of(new ImageOnDisk(Path.of("s.png"))),
            CaptionSample.defaultPrompt(1), "",
            List.of(), Optional.empty(), List.of());

    private record Fixed(String name, List<Score> scores) implements Reward {
        @Override
        public List<List<Score>> score(List<GroupToScore> groups) {
            return groups.stream().map(group -> scores).toList();
        }
    }

    private static GroupToScore group(int... tokens) {
        return new GroupToScore(SAMPLE, Arrays.stream(tokens).mapToObj(n -> new CaptionText("", n)).toList(), 0);
    }

    @Test
    void lengthFallsFromOneToZero() {
        LengthReward length = new LengthReward(2048, 3072);
        int[] tokens = {0, 2048, 2049, 2560, 3071, 3072, 10_000};
        double[] expected = {1, 1, 1023 / 1024.0, 0.5, 1 / 1024.0, 0, 0};
        for (int i = 0; i < tokens.length; i++) {
            assertEquals(expected[i], length.of(tokens[i]), 1e-15, tokens[i] + " tokens");
        }
        assertThrows(IllegalArgumentException.class, () -> new LengthReward(10, 10));
        assertThrows(IllegalArgumentException.class, () -> new LengthReward(-1, 10));
    }

    @Test
    void totalIsTheWeightedSum() {
        Reward qa = new Fixed("qa", List.of(Score.of(0.5), Score.of(1)));
        WeightedRewards rewards = new WeightedRewards(List.of(new Part(qa, 1), new Part(new LengthReward(10, 20), 0.2)));
        ScoredGroup scored = rewards.score(List.of(group(15, 30))).getFirst();
        assertArrayEquals(new float[] {0.6f, 1f}, scored.totals());
        assertEquals(List.of("qa", "length"), List.copyOf(scored.captions().getFirst().components().keySet()));
        assertEquals(0.5, scored.captions().getFirst().components().get("length").value());
        assertEquals(0, scored.unscored());
    }

    @Test
    void unscoredCaptionsHaveNoTotalUnlessTheirRewardHasNoWeight() {
        Reward flaky = new Fixed("judge", List.of(Score.of(1), Score.unscored("timed out")));
        Reward qa = new Fixed("qa", List.of(Score.of(0.5), Score.of(0.25)));
        ScoredGroup counted = new WeightedRewards(List.of(new Part(qa, 1), new Part(flaky, 0.5))).score(List.of(group(1, 1))).getFirst();
        assertArrayEquals(new float[] {1, Float.NaN}, counted.totals());
        assertEquals(1, counted.unscored());
        assertEquals("judge: timed out", counted.captions().get(1).unscored().orElseThrow());
        ScoredGroup watched = new WeightedRewards(List.of(new Part(qa, 1), new Part(flaky, 0))).score(List.of(group(1, 1))).getFirst();
        assertArrayEquals(new float[] {0.5f, 0.25f}, watched.totals());
    }

    @Test
    void mistakesAreNamed() {
        Reward qa = new Fixed("qa", List.of(Score.of(0.5)));
        assertThrows(IllegalArgumentException.class, () -> new WeightedRewards(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new WeightedRewards(List.of(new Part(qa, 1), new Part(qa, 1))));
        assertThrows(IllegalArgumentException.class, () -> new Part(qa, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Score.of(Double.NaN));
        WeightedRewards rewards = new WeightedRewards(List.of(new Part(qa, 1)));
        String message = assertThrows(IllegalStateException.class, () -> rewards.score(List.of(group(1, 1)))).getMessage();
        assertTrue(message.contains("qa"), message);
    }
}
