package org.caprl.trainer.advantage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.caprl.core.Golden;
import org.caprl.trainer.advantage.GroupAdvantages.Scale;
import org.caprl.trainer.advantage.GroupAdvantages.Std;
import org.junit.jupiter.api.Test;

class GroupAdvantagesTest {
    /** Rows of TRL's table that ask for what {@link GroupAdvantages} does not do: normalise each reward before summing (GDPO). */
    private static final Set<String> NOT_YET = Set.of("two_funcs/group/normalize_then_sum", "two_funcs_one_none/group/normalize_then_sum");

    @Test
    void trlTable() throws IOException {
        JsonNode table = new ObjectMapper().readTree(Golden.require("trl/advantages/advantages.json").toFile());
        Set<String> left = new HashSet<>(NOT_YET);
        int compared = 0;
        for (JsonNode row : table) {
            String name = row.get("name").asText() + "/" + row.get("scale_rewards").asText() + "/"
                    + row.get("multi_objective_aggregation").asText();
            if (left.remove(name)) {
                continue;
            }
            assertEquals("sum_then_normalize", row.get("multi_objective_aggregation").asText(), name + " is neither supported nor listed");
            Scale scale = Scale.valueOf(row.get("scale_rewards").asText().toUpperCase(Locale.ROOT));
            float[][] advantages = new GroupAdvantages(scale, Std.SAMPLE, 1e-4).of(groups(row));
            int groupSize = row.get("num_generations").asInt();
            for (int i = 0; i < row.get("advantages").size(); i++) {
                double expected = row.get("advantages").get(i).asDouble();
                double actual = advantages[i / groupSize][i % groupSize];
                assertEquals(expected, actual, 1e-5 * Math.max(1, Math.abs(expected)), name + " caption " + i);
            }
            compared++;
        }
        assertEquals(Set.of(), left, "listed as not supported, but not in the table");
        assertTrue(compared >= 27, compared + " rows compared");
    }

    /** Totals as TRL forms them: the weighted sum of the rewards that exist; NaN where none does. */
    private static float[][] groups(JsonNode row) {
        int captions = row.get("rewards_per_func").get(0).size();
        int groupSize = row.get("num_generations").asInt();
        float[][] groups = new float[captions / groupSize][groupSize];
        for (int i = 0; i < captions; i++) {
            float total = 0;
            boolean scored = false;
            for (int f = 0; f < row.get("rewards_per_func").size(); f++) {
                JsonNode reward = row.get("rewards_per_func").get(f).get(i);
                float weight = row.get("reward_weights").isNull() ? 1 : (float) row.get("reward_weights").get(f).asDouble();
                if (!reward.isNull()) {
                    total += weight * (float) reward.asDouble();
                    scored = true;
                }
            }
            groups[i / groupSize][i % groupSize] = scored ? total : Float.NaN;
        }
        return groups;
    }

    @Test
    void workedExampleOfEachPreset() {
        float[][] rewards = {{0, 0, 1, 1}};
        assertEquals(0.5 / (Math.sqrt(1.0 / 3) + 1e-4), of(AdvantagePreset.TRL, rewards), 1e-7);
        assertEquals(0.5 / (Math.sqrt(1.0 / 3) + 1e-6), of(AdvantagePreset.VERL, rewards), 1e-7);
        assertEquals(0.5 / (Math.sqrt(1.0 / 3) + 1e-9), of(AdvantagePreset.OPENRLHF, rewards), 1e-7);
        assertEquals(0.5 / (0.5 + 1e-4), of(AdvantagePreset.NUMPY, rewards), 1e-7);
        assertEquals(0.5, of(AdvantagePreset.DR_GRPO, rewards), 0);
    }

    private static double of(AdvantagePreset preset, float[][] rewards) {
        return preset.settings().of(rewards)[0][3];
    }

    @Test
    void equalRewardsGiveExactlyZero() {
        // Eight times 0.1f, summed in float32 and divided by 8, is not 0.1f.
        for (Scale scale : Scale.values()) {
            float[][] rewards = {{.1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f}, {0.3f, 0.7f}};
            assertArrayEquals(new float[8], new GroupAdvantages(scale, Std.SAMPLE, 1e-9).of(rewards)[0]);
        }
        assertArrayEquals(new float[3], new GroupAdvantages(Scale.GROUP, Std.POPULATION, 0).of(new float[][] {{1, 1, 1}})[0]);
    }

    @Test
    void unscoredCaptionsDoNotCount() {
        GroupAdvantages advantages = AdvantagePreset.TRL.settings();
        float nan = Float.NaN;
        float[] with = advantages.of(new float[][] {{0.2f, nan, 0.9f, nan, 0.4f}})[0];
        float[] without = advantages.of(new float[][] {{0.2f, 0.9f, 0.4f}})[0];
        assertArrayEquals(new float[] {without[0], 0, without[1], 0, without[2]}, with);
        for (GroupAdvantages each : List.of(advantages, new GroupAdvantages(Scale.BATCH, Std.SAMPLE, 0))) {
            assertArrayEquals(new float[2], each.of(new float[][] {{nan, 0.5f}})[0]);
            assertArrayEquals(new float[2], each.of(new float[][] {{nan, nan}})[0]);
        }
    }

    @Test
    void wrongNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new GroupAdvantages(Scale.GROUP, Std.SAMPLE, -1e-4));
        assertThrows(IllegalArgumentException.class, () -> new GroupAdvantages(Scale.GROUP, Std.SAMPLE, Double.NaN));
        assertThrows(IllegalArgumentException.class,
                () -> AdvantagePreset.TRL.settings().of(new float[][] {{1, Float.POSITIVE_INFINITY}}));
    }
}
