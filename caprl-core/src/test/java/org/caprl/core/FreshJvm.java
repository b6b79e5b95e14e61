package org.caprl.core;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a check in a JVM of its own, as a user's process would: what the compiler makes of kernels depends on everything that ran before
 * and, from start to start, on chance. The check holds when one of {@value #STARTS} starts passes it.
 */
public final class FreshJvm {
    private static final int STARTS = 5;
    private static final int SECONDS = 90;

    private FreshJvm() {
    }

    /** Runs {@code main} with these arguments until it ends with 0. */
    public static void run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx2g", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName()));
        command.addAll(List.of(arguments));
        for (int start = 1; start <= STARTS; start++) {
            try {
                Process process = new ProcessBuilder(command).inheritIO().start();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                } else if (process.exitValue() == 0) {
                    System.out.println(main.getSimpleName() + " " + List.of(arguments) + " passed at start " + start);
                    return;
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        fail(main.getSimpleName() + " " + List.of(arguments) + " failed in all of " + STARTS + " fresh JVMs; their output is above");
    }
}
