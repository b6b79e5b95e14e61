package org.caprl.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Ray as the build found or made it (scripts/setup-ray.sh), for tests on a cluster. */
public final class RayForTests {
    private static final AtomicInteger CLUSTERS = new AtomicInteger();

    private RayForTests() {
    }

    /** Folder of the project. Skips the test, and says how to have it run, where there is no Ray. */
    public static Path requireHome() {
        Path home = Path.of(System.getProperty("caprl.home", ".")).toAbsolutePath().normalize();
        assumeTrue(Files.exists(home.resolve("target/ray/ray_dist.jar")),
                "there is no Ray: run scripts/setup-ray.sh, then the tests again");
        return home;
    }

    /** A folder for a cluster of one test: its path is short, and its own. */
    public static Path clusterFolder() {
        return Path.of("/tmp", "caprl-t" + ProcessHandle.current().pid() + "-" + CLUSTERS.incrementAndGet());
    }

    /** The command line of a process, whole: that of {@link ProcessHandle} ends after a page. Empty for one that has ended. Linux. */
    public static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc", String.valueOf(pid), "cmdline")), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    /** Removes the folder of a cluster that has ended. */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
