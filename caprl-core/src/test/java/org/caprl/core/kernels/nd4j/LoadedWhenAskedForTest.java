package org.caprl.core.kernels.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.tensor.Backends;
import org.junit.jupiter.api.Test;

/** ND4J takes seconds to load: whoever does not ask for it must not wait for it. */
class LoadedWhenAskedForTest {
    /** Starts what {@code auto} takes. */
    static final class Auto {
        private Auto() {
        }

        /** Prints the reason. */
        public static void main(String[] args) {
            Backends.Choice choice = Backends.open("auto", 1);
            choice.ops().close();
            System.out.println(choice.reason());
        }
    }

    @Test
    void autoLoadsNoClassOfNd4j() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xlog:class+load:stdout", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Auto.class.getName())
                .redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines.reversed().subList(0, Math.min(20, lines.size()))));
        assertTrue(lines.stream().anyMatch(l -> l.contains("org.caprl.core.kernels.nd4j.Nd4jProvider")), "the provider is found");
        List<String> loaded = lines.stream().filter(l -> l.contains(" org.nd4j.")).toList();
        assertTrue(lines.stream().noneMatch(l -> l.startsWith("backend cpu")) || loaded.isEmpty(), loaded::toString);
    }
}
