package org.caprl.trainer.launch;

/**
 * Shows how far a long task is, with its rate and the time left. Used by one thread.
 *
 * <p>{@link #open} picks the form: a bar on a terminal, a line now and then elsewhere, so that a log stays readable.
 */
public sealed interface Progress extends AutoCloseable permits BarProgress, LineProgress {
    /**
     * Starts to show a task on standard error.
     *
     * @param task what is done, in a word or two
     * @param total units of work
     * @param unit name of one unit, in the plural: {@code steps}
     */
    static Progress open(String task, long total, String unit) {
        return System.console() != null && System.console().isTerminal()
                ? new BarProgress(task, total, unit, System.err)
                : new LineProgress(task, total, unit, System.err::println, System::nanoTime);
    }

    /** Units done so far, also after a resume: those of the run before count as done, not as fast. */
    void startAt(long done);

    /**
     * Work went on.
     *
     * @param done units so far
     * @param note what the user should see beside it, such as {@code reward 0.43, 812 tokens/s}; may be empty
     */
    void to(long done, String note);

    /** A line above the bar, or a line of the log. */
    void line(String text);

    /** Ends the display; what was shown last stays. */
    @Override
    void close();
}
