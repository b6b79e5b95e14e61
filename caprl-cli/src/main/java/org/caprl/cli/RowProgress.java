package org.caprl.cli;

import org.caprl.core.data.file.Conversion;
import org.caprl.trainer.launch.Progress;

/** Shows how many rows, or other things, are done, where that takes longer than a moment. */
final class RowProgress implements Conversion.Listener, AutoCloseable {
    private static final long MOMENT_NANOS = 2_000_000_000L;

    private final String task;
    private final String unit;
    private final long started = System.nanoTime();
    private Progress progress;

    RowProgress(String task) {
        this(task, "rows");
    }

    /** @param unit what is counted, in the plural */
    RowProgress(String task, String unit) {
        this.task = task;
        this.unit = unit;
    }

    @Override
    public void rows(long done, long total) {
        if (progress == null && done < total && System.nanoTime() - started > MOMENT_NANOS) {
            progress = Progress.open(task, total, unit);
            progress.startAt(done - 1);
        }
        if (progress != null) {
            progress.to(done, "");
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
