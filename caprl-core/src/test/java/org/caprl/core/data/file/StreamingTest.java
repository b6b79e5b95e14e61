package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Data are not read into memory, however they are laid out. */
class StreamingTest {
    private static final int ROWS = 400;
    private static final int IMAGE_BYTES = 1 << 19;

    @TempDir
    Path folder;

    /** 210 MB of images in a single row group, of which the driver alone would copy everything at once, within 64 MB of heap. */
    @Test
    @Timeout(120)
    void aParquetFileLargerThanTheHeapIsRead() throws IOException, InterruptedException {
        String image = "encode(repeat(md5(i::VARCHAR), " + IMAGE_BYTES / 32 + "))";
        Path file = DataFixture.write(folder.resolve("large.parquet"),
                DataFixture.PUBLISHED.formatted(ROWS).replace("encode('image ' || i)", image), "ROW_GROUP_SIZE 1000000");
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), ReadEverything.class.getName(),
                file.toString()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            assertTrue(process.waitFor(100, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), () -> read(out));
            assertTrue(read(out).contains(String.valueOf((ROWS + 20L) * IMAGE_BYTES)), () -> read(out));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
