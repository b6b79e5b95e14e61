package org.caprl.core.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.caprl.core.InputException;

/** Collects every mistake of a configuration, so that the user sees all of them at once. */
public final class Problems {
    private static final Pattern LINE = Pattern.compile(":(\\d+)$");

    private final List<Problem> problems = new ArrayList<>();

    /**
     * One mistake.
     *
     * @param where   {@code file:line}, or {@code command line: key=value}
     * @param path    the key, such as {@code trainer.loss.clip_low}; empty for the file as a whole
     * @param message what was found and what was expected
     */
    public record Problem(String where, String path, String message) {
        private int line() {
            Matcher line = LINE.matcher(where);
            return where.startsWith(Overrides.COMMAND_LINE) || !line.find() ? Integer.MAX_VALUE : Integer.parseInt(line.group(1));
        }

        @Override
        public String toString() {
            boolean pathIsShown = path.isEmpty() || where.startsWith(Overrides.COMMAND_LINE + path + "=");
            return where + ": " + (pathIsShown ? "" : path + ": ") + message;
        }
    }

    /** Adds a mistake. */
    public void add(String where, String path, String message) {
        problems.add(new Problem(where, path, message));
    }

    /** What was collected so far: first the file's in the order of lines, then the command line's. */
    public List<Problem> list() {
        return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    }

    /** True when nothing was collected. */
    public boolean isEmpty() {
        return problems.isEmpty();
    }

    /**
     * Ends with all mistakes, one a line.
     *
     * @throws InputException if there are any
     */
    public void throwIfAny(String source) {
        if (!problems.isEmpty()) {
            String count = problems.size() == 1 ? "1 mistake" : problems.size() + " mistakes";
            throw new InputException(count + " in the configuration " + source + ":\n"
                    + list().stream().map(p -> "  " + p).collect(Collectors.joining("\n")));
        }
    }
}
