package org.caprl.rollout.ray;

import java.io.PrintStream;

/**
 * The error stream without what log4j says of its own configurations, a dozen lines whenever Ray's runtime starts. Ray asks for them in
 * code; no property turns them off. Log4j keeps the stream that it finds when it starts.
 */
final class WithoutLog4jStatus extends PrintStream {
    private WithoutLog4jStatus(PrintStream err) {
        super(err, true);
    }

    /** Runs something while this is the error stream. */
    static void during(Runnable start) {
        PrintStream err = System.err;
        System.setErr(new WithoutLog4jStatus(err));
        try {
            start.run();
        } finally {
            System.setErr(err);
        }
    }

    @Override
    public void println(String line) {
        if (!line.contains(" INFO ") || !line.contains("onfiguration ")) {
            super.println(line);
        }
    }
}
