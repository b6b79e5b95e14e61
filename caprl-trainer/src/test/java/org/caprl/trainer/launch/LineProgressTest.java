package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineProgressTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<String> lines = new ArrayList<>();

    private void after(double seconds) {
        nanos.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void aLineForEveryTenthOfTheWork() {
        try (Progress progress = new LineProgress("train", 100, "steps", lines::add, nanos::get)) {
            for (int step = 1; step <= 100; step++) {
                after(0.5);
                progress.to(step, "");
            }
        }
        assertEquals(10, lines.size());
        assertEquals("train: 10/100 steps (10%), 2.0 steps/s, 45s left", lines.getFirst());
        assertEquals("train: 100/100 steps (100%), 2.0 steps/s, 0s left", lines.getLast());
    }

    @Test
    void aSlowTaskIsHeardOfEveryHalfMinute() {
        LineProgress progress = new LineProgress("train", 1000, "steps", lines::add, nanos::get);
        after(29);
        progress.to(1, "");
        assertEquals(List.of(), lines);
        after(31);
        progress.to(2, "reward 0.43");
        assertEquals(List.of("train: 2/1000 steps (0%), 0.0 steps/s, 8h 19m left, reward 0.43"), lines);
    }

    @Test
    void whatARunBeforeDidIsDoneButNotFast() {
        LineProgress progress = new LineProgress("train", 100, "steps", lines::add, nanos::get);
        progress.startAt(80);
        after(10);
        progress.to(90, "");
        assertEquals(List.of("train: 90/100 steps (90%), 1.0 steps/s, 10s left"), lines);
    }

    @Test
    void theSameStateIsNotSaidTwice() {
        LineProgress progress = new LineProgress("eval", 2, "images", lines::add, nanos::get);
        progress.to(2, "");
        progress.to(2, "");
        progress.line("done");
        assertEquals(List.of("eval: 2/2 images (100%)", "done"), lines);
    }
}
