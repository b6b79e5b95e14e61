package org.caprl.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a check in a JVM of its own, as a user's process would: what the compiler makes of kernels depends on everything that ran before.
 * The new JVM has this one's flags.
 */
public final class FreshJvm {
    private static final int SECONDS = 300;

    private FreshJvm() {
    }

    /** Runs {@code main} with these arguments; fails unless it ends with 0. */
    public static void run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(flag -> !flag.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        String check = main.getSimpleName() + " " + List.of(arguments);
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail(check + " did not end in " + SECONDS + " s");
            }
            assertEquals(0, process.exitValue(), check + " failed; its output is above");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(check, e);
        }
    }
}
