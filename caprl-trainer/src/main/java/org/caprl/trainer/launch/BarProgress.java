package org.caprl.trainer.launch;

import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that redraws itself on a terminal. */
final class BarProgress implements Progress {
    private static final int REDRAW_MILLIS = 250;
    private static final int DEFAULT_COLUMNS = 120;

    private final PrintStream out;
    private final ProgressBar bar;

    BarProgress(String task, long total, String unit, PrintStream out) {
        this.out = out;
        this.bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(total).setUpdateIntervalMillis(REDRAW_MILLIS)
                .setStyle(utf8(out) ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setSpeedUnit(ChronoUnit.SECONDS).showSpeed().setUnit(" " + unit, 1)
                // A width of our own: to ask the terminal, the library would load a native library first.
                .setConsumer(new ConsoleProgressBarConsumer(out, columns()))
                .build();
    }

    private static boolean utf8(PrintStream out) {
        return out.charset().name().toUpperCase(Locale.ROOT).startsWith("UTF");
    }

    private static int columns() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) - 1 : DEFAULT_COLUMNS;
    }

    @Override
    public void startAt(long done) {
        bar.stepTo(done);
    }

    @Override
    public void to(long done, String note) {
        bar.stepTo(done);
        bar.setExtraMessage(note.isEmpty() ? "" : "  " + note);
    }

    @Override
    public void line(String text) {
        // Clears the bar's line; the bar is drawn again below at its next turn.
        out.print("\r\033[2K" + text + System.lineSeparator());
        out.flush();
    }

    @Override
    public void close() {
        bar.close();
    }
}
