package org.caprl.cli;

import org.caprl.core.data.file.Conversion;
import org.caprl.trainer.launch.Progress;

/** Shows how many rows are done, where that takes longer than a moment. */
final class RowProgress implements Conversion.Listener, AutoCloseable {
    private static final long MOMENT_NANOS = 2_000_000_000L;

    private final String task;
    private final long started = System.nanoTime();
    private Progress progress;

    RowProgress(String task) {
        this.task = task;
    }

    @Override
    public void rows(long done, long total) {
        if (progress == null && System.nanoTime() - started > MOMENT_NANOS) {
            progress = Progress.open(task, total, "rows");
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
