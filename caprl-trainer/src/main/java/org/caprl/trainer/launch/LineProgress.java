package org.caprl.trainer.launch;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A line now and then: when a tenth of the work was done since the last one, or half a minute went by, and at the end.
 *
 * <p>Example: {@code train: 30/100 steps (30%), 1.5 steps/s, 47s left, reward 0.43}.
 */
final class LineProgress implements Progress {
    private static final long MOST_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int PARTS = 10;

    private final String task;
    private final long total;
    private final String unit;
    private final Consumer<String> out;
    private final LongSupplier nanos;
    private final long begin;
    private long startedAt;
    private long shownAt;
    private long shown;

    /** @param nanos a clock in nanoseconds */
    LineProgress(String task, long total, String unit, Consumer<String> out, LongSupplier nanos) {
        this.task = task;
        this.total = total;
        this.unit = unit;
        this.out = out;
        this.nanos = nanos;
        this.begin = nanos.getAsLong();
        this.shownAt = begin;
    }

    @Override
    public void startAt(long done) {
        startedAt = done;
        shown = done;
    }

    @Override
    public void to(long done, String note) {
        long now = nanos.getAsLong();
        boolean due = (done - shown) * PARTS >= total || now - shownAt >= MOST_NANOS || done == total;
        if (!due || done == shown) {
            return;
        }
        shown = done;
        shownAt = now;
        double seconds = (now - begin) / 1e9;
        double rate = seconds > 0 ? (done - startedAt) / seconds : 0;
        String speed = rate > 0
                ? String.format(Locale.ROOT, ", %.1f %s/s, %s left", rate, unit, left(Math.round((total - done) / rate))) : "";
        out.accept(String.format(Locale.ROOT, "%s: %d/%d %s (%d%%)%s%s", task, done, total, unit, 100 * done / Math.max(1, total), speed,
                note.isEmpty() ? "" : ", " + note));
    }

    /** {@code 47s}, {@code 3m 20s}, {@code 2h 5m}. */
    private static String left(long seconds) {
        return seconds < 60 ? seconds + "s" : seconds < 3600 ? seconds / 60 + "m " + seconds % 60 + "s"
                : seconds / 3600 + "h " + seconds % 3600 / 60 + "m";
    }

    @Override
    public void line(String text) {
        out.accept(text);
    }

    @Override
    public void close() {
        // Every line was complete when it was written.
    }
}
