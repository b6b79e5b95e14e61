package org.caprl.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalDouble;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonlMetricsTest {
    @TempDir
    Path temp;

    private Path file;

    @BeforeEach
    void name() {
        file = temp.resolve("metrics.jsonl");
    }

    @Test
    void oneObjectAStepWithNullForWhatIsNotDefined() throws IOException {
        try (JsonlMetrics metrics = JsonlMetrics.create(file)) {
            metrics.append(StepMetrics.at(0).put(MetricKey.EVAL_QA_ACCURACY, 0.25).build());
            metrics.append(StepMetrics.at(1).put(MetricKey.REWARD_MEAN, 1.0 / 3).put(MetricKey.LOSS_KL, Double.NaN)
                    .put(MetricKey.POLICY_GRAD_NORM, Double.POSITIVE_INFINITY).put(MetricKey.COUNT_DECODE_STEPS, 48).build());
        }
        assertEquals("""
                {"step":0,"eval/qa_accuracy":0.25}
                {"step":1,"reward/mean":0.3333333333333333,"loss/kl":null,"policy/grad_norm":null,"count/decode_steps":48}
                """, Files.readString(file));
        StepMetrics second = MetricsFile.read(file).get(1);
        assertEquals(OptionalDouble.of(1.0 / 3), second.get(MetricKey.REWARD_MEAN));
        assertTrue(Double.isNaN(second.get(MetricKey.LOSS_KL).orElseThrow()));
        assertEquals(OptionalDouble.empty(), second.get(MetricKey.LOSS_TOTAL));
    }

    @Test
    void aKeyIsSetOnceAndCountsAreWhole() {
        StepMetrics.Builder step = StepMetrics.at(1).put(MetricKey.LOSS_TOTAL, 1);
        assertThrows(IllegalArgumentException.class, () -> step.put(MetricKey.LOSS_TOTAL, 1));
        assertThrows(IllegalArgumentException.class, () -> step.put(MetricKey.GROUP_DROPPED, 0.5));
    }

    @Test
    void aStageIsTimedAlsoWhenItComesTwiceOrFails() {
        StepMetrics.Builder step = StepMetrics.at(1);
        assertEquals("done", step.timed("rollout", () -> "done"));
        double once = step.build().get(MetricKey.time("rollout")).orElseThrow();
        assertThrows(IllegalStateException.class, () -> step.timed("rollout", (Runnable) () -> {
            throw new IllegalStateException();
        }));
        assertTrue(once > 0 && step.build().get(MetricKey.time("rollout")).orElseThrow() > once);
        assertEquals(StepMetrics.at(1).build(), step.build().repeatable());
    }

    @Test
    void resumedFileIsCutBackToTheStepOfTheCheckpoint() throws IOException {
        writeSteps(5);
        try (JsonlMetrics metrics = JsonlMetrics.resume(file, 3)) {
            assertEquals(List.of(0, 1, 2, 3), steps());
            assertThrows(IllegalArgumentException.class, () -> metrics.append(StepMetrics.at(3).build()));
            metrics.append(StepMetrics.at(4).build());
            metrics.force();
        }
        assertEquals(List.of(0, 1, 2, 3, 4), steps());
        try (var left = Files.list(temp)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void withoutACheckpointNothingIsKept() throws IOException {
        writeSteps(2);
        try (JsonlMetrics metrics = JsonlMetrics.resume(file, -1)) {
            metrics.append(StepMetrics.at(0).build());
        }
        assertEquals(List.of(0), steps());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"step\":3,\"rew", "{\"step\":3", "{", "\0\0\0\0\0\0", "{\"step\":3,\"rew\0\0\n"})
    void aLineThatAKilledRunLeftUnfinishedIsDropped(String rest) throws IOException {
        writeSteps(2);
        Files.writeString(file, rest, StandardOpenOption.APPEND);
        assertEquals(List.of(0, 1, 2), steps());
        try (JsonlMetrics metrics = JsonlMetrics.resume(file, 2)) {
            metrics.append(StepMetrics.at(3).build());
        }
        assertEquals(List.of(0, 1, 2, 3), steps());
        assertTrue(Files.readString(file).endsWith("\n{\"step\":3}\n"));
    }

    @Test
    void aBrokenLineBeforeTheLastIsNamed() throws IOException {
        Files.writeString(file, "{\"step\":0}\n{\"step\":\n{\"step\":2}\n");
        InputException e = assertThrows(InputException.class, () -> JsonlMetrics.resume(file, 2));
        assertTrue(e.getMessage().startsWith(file + ":2 is not JSON"), e.getMessage());
        Files.writeString(file, "{\"step\":0,\"rewards\":1}\n");
        e = assertThrows(InputException.class, () -> MetricsFile.read(file));
        assertTrue(e.getMessage().contains(":1 has 'rewards', which is no metric"), e.getMessage());
    }

    @Test
    void aFullDiskStopsTheRun() {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
        try (JsonlMetrics metrics = JsonlMetrics.create(full)) {
            RunStoppedException e = assertThrows(RunStoppedException.class, () -> metrics.append(StepMetrics.at(0).build()));
            assertTrue(e.getMessage().startsWith("no space to write /dev/full"), e.getMessage());
        }
    }

    @Test
    void aPlaceBelowAFileIsTheUsersToMend() throws IOException {
        Path below = Files.createFile(temp.resolve("plain")).resolve("metrics.jsonl");
        assertFalse(Files.exists(below));
        assertThrows(InputException.class, () -> JsonlMetrics.create(below));
    }

    private void writeSteps(int last) {
        try (JsonlMetrics metrics = JsonlMetrics.create(file)) {
            for (int step = 0; step <= last; step++) {
                metrics.append(StepMetrics.at(step).put(MetricKey.REWARD_MEAN, step / 10.0).build());
            }
        }
    }

    private List<Integer> steps() {
        return MetricsFile.read(file).stream().map(StepMetrics::step).toList();
    }
}
