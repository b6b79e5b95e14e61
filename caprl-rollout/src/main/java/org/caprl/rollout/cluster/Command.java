package org.caprl.rollout.cluster;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/** Runs a command of the system to its end. */
final class Command {
    private Command() {
    }

    /**
     * Its exit code.
     *
     * @param lines hears what it prints, line by line
     * @throws InputException if there is no such command
     */
    static int run(ProcessBuilder command, Consumer<String> lines) {
        try {
            Process process = command.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))).start();
            try (BufferedReader out = process.inputReader()) {
                out.lines().forEach(lines);
            }
            return process.waitFor();
        } catch (IOException e) {
            throw new InputException("cannot run " + command.command().getFirst() + " (" + e.getMessage() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while " + String.join(" ", command.command()) + " ran", e);
        }
    }
}
