package org.caprl.core.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.nn.WeightType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loading needs the model's weights once, and not the files beside them. */
@EnabledOnOs(OS.LINUX)
class LoadingMemoryTest {
    /** Code, Java heap and buffers that loading brings along; the file, of 219 MB, is more than twice as large. */
    private static final long SMALL_CHANGE = 100 << 20;

    @TempDir
    static Path folder;

    @BeforeAll
    static void checkpoint() throws IOException {
        LoadOnce.make(folder.resolve("model"), 768, 10, 32000, StoredType.BF16);
    }

    @ParameterizedTest
    @EnumSource(WeightType.class)
    @Timeout(120)
    void theFileIsNotInMemoryBesideTheWeights(WeightType type) throws IOException, InterruptedException {
        Path out = folder.resolve(type.name());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                LoadOnce.class.getName(), "load", folder.resolve("model").toString(), type.name())
                .redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            assertTrue(process.waitFor(100, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(out);
        assertEquals(0, process.exitValue(), said);
        Matcher numbers = Pattern.compile("weights (\\d+) added (\\d+)").matcher(said);
        assertTrue(numbers.find(), said);
        long weights = Long.parseLong(numbers.group(1));
        long added = Long.parseLong(numbers.group(2));
        assertTrue(added < weights + SMALL_CHANGE, said);
    }
}
