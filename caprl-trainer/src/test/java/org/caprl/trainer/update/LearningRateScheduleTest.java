package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.stream.LongStream;
import org.caprl.core.Golden;
import org.caprl.trainer.update.LearningRateSchedule.Shape;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    @Test
    void workedExamples() {
        assertArrayEquals(new double[] {0, 2, 1, 0}, rates(new LearningRateSchedule(2, 1, 3, Shape.LINEAR), 4), 1e-15);
        assertArrayEquals(new double[] {0, 1, 2, 2, 2}, rates(new LearningRateSchedule(2, 2, 3, Shape.CONSTANT), 5), 1e-15);
        assertArrayEquals(new double[] {0, 2, 1, 0}, rates(new LearningRateSchedule(2, 1, 3, Shape.COSINE), 4), 1e-15);
        assertArrayEquals(new double[] {2, 2}, rates(new LearningRateSchedule(2, 0, 0, Shape.CONSTANT), 2), 0);
        double[] cosine = rates(new LearningRateSchedule(1, 0, 4, Shape.COSINE), 5);
        assertArrayEquals(new double[] {1, (1 + Math.sqrt(.5)) / 2, .5, (1 - Math.sqrt(.5)) / 2, 0}, cosine, 1e-15);
    }

    @Test
    void trlLinearRunStartsAtZero() throws IOException {
        JsonNode meta = new ObjectMapper().readTree(Golden.require("trl/e2e/linear_sched_3steps/meta.json").toFile());
        LearningRateSchedule schedule = new LearningRateSchedule(2e-4, 1, 3, Shape.LINEAR);
        int compared = 0;
        for (JsonNode log : meta.get("trainer_logs")) {
            if (log.has("learning_rate")) {
                assertEquals(log.get("learning_rate").asDouble(), schedule.at(compared), 1e-12);
                compared++;
            }
        }
        assertEquals(3, compared);
    }

    @Test
    void wrongNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule(-1, 0, 1, Shape.CONSTANT));
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule(1, -1, 1, Shape.CONSTANT));
    }

    private static double[] rates(LearningRateSchedule schedule, int n) {
        return LongStream.range(0, n).mapToDouble(schedule::at).toArray();
    }
}
