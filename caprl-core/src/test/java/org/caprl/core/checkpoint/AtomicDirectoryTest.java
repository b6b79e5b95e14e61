package org.caprl.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
    @TempDir
    private Path temp;

    @Test
    void appearsWholeOnCommit() throws IOException {
        Path target = temp.resolve("new/parents/step-1");
        try (AtomicDirectory folder = AtomicDirectory.create(target)) {
            Files.writeString(Files.createDirectories(folder.path().resolve("a/b")).resolve("c"), "text");
            assertTrue(Files.notExists(target));
            folder.commit();
        }
        assertEquals("text", Files.readString(target.resolve("a/b/c")));
        assertEquals(List.of("step-1"), list(target.getParent()));
    }

    @Test
    void leavesNothingWithoutCommit() throws IOException {
        assertThrows(IllegalStateException.class, () -> {
            try (AtomicDirectory folder = AtomicDirectory.create(temp.resolve("x"))) {
                Files.writeString(Files.createDirectory(folder.path().resolve("d")).resolve("f"), "text");
                throw new IllegalStateException("something went wrong while writing");
            }
        });
        assertEquals(List.of(), list(temp));
    }

    @Test
    void neverReplacesWhatIsThere() throws IOException {
        Path target = Files.createDirectory(temp.resolve("x"));
        try (AtomicDirectory folder = AtomicDirectory.create(target)) { // an empty folder is no loss
            Files.writeString(folder.path().resolve("f"), "text");
            folder.commit();
        }
        InputException e = assertThrows(InputException.class, () -> AtomicDirectory.create(target).close());
        assertTrue(e.getMessage().contains(target + " exists and is not empty"), e.getMessage());
        assertThrows(InputException.class, () -> AtomicDirectory.create(target.resolve("f")).close());
        try (AtomicDirectory folder = AtomicDirectory.create(temp.resolve("y"))) { // filled by another meanwhile
            Files.writeString(Files.createDirectory(temp.resolve("y")).resolve("f"), "theirs");
            assertThrows(InputException.class, folder::commit);
        }
        assertEquals("theirs", Files.readString(temp.resolve("y/f")));
        assertEquals(List.of("x", "y"), list(temp));
    }

    @Test
    void sweepKeepsTheLivingAndRemovesTheDead() throws IOException {
        Files.writeString(Files.createDirectory(temp.resolve(".step-1.tmp-0123456789abcdef")).resolve("f"), "dead, lock lost");
        Files.writeString(Files.createDirectory(temp.resolve(".step-2.tmp-0123456789abcdef")).resolve("f"), "dead");
        Files.createFile(temp.resolve(".step-2.tmp-0123456789abcdef.lock"));
        Files.createFile(temp.resolve(".latest.tmp-0123456789abcdef"));
        Files.createFile(temp.resolve(".mine.tmp"));
        try (AtomicDirectory living = AtomicDirectory.create(temp.resolve("step-3"))) {
            Files.writeString(living.path().resolve("f"), "text");
            AtomicDirectory.sweep(temp);
            living.commit();
        }
        AtomicDirectory.sweep(temp);
        AtomicDirectory.sweep(temp.resolve("none"));
        assertEquals(List.of(".mine.tmp", "step-3"), list(temp));
        assertEquals("text", Files.readString(temp.resolve("step-3/f")));
    }

    /** Writes aside in another JVM, which is killed while it writes. */
    @Test
    void killedWriterLeavesNoTargetAndIsSweptOnlyWhenDead() throws Exception {
        Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-cp", System.getProperty("java.class.path"), Writer.class.getName(), temp.resolve("step-1").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            assertEquals('w', writer.getInputStream().read());
            AtomicDirectory.sweep(temp);
            assertEquals(2, list(temp).size(), "a living writer was swept: " + list(temp));
        } finally {
            writer.destroyForcibly();
            assertTrue(writer.waitFor(20, TimeUnit.SECONDS));
        }
        assertTrue(Files.notExists(temp.resolve("step-1")));
        assertEquals(2, list(temp).size());
        AtomicDirectory.sweep(temp);
        assertEquals(List.of(), list(temp));
    }

    /** The other process of the test above. */
    static final class Writer {
        public static void main(String[] args) throws Exception {
            try (AtomicDirectory folder = AtomicDirectory.create(Path.of(args[0]))) {
                Files.writeString(folder.path().resolve("f"), "half");
                System.out.print("w");
                System.out.flush();
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void fileIsReplacedWholeOrKept() throws IOException {
        Path file = temp.resolve("deep/latest");
        AtomicFile.write(file, "one".getBytes());
        AtomicFile.write(file, out -> out.write("two".getBytes()));
        assertEquals("two", Files.readString(file));
        assertThrows(IllegalStateException.class, () -> AtomicFile.write(file, out -> {
            out.write("half".getBytes());
            throw new IllegalStateException("something went wrong while writing");
        }));
        assertEquals("two", Files.readString(file));
        assertEquals(List.of("latest"), list(file.getParent()));
    }

    @Test
    void aDeletedFolderLeavesNothingAndOneRenamedAwayByAKillIsSwept() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("step-1/sub")).getParent();
        Files.writeString(folder.resolve("sub/file"), "x");
        AtomicDirectory.delete(folder);
        assertEquals(List.of(), list(temp));
        AtomicDirectory.delete(folder);
        Files.createDirectories(temp.resolve(".step-1.tmp-0123456789abcdef/sub"));
        AtomicDirectory.sweep(temp);
        assertEquals(List.of(), list(temp));
    }

    @Test
    void diskErrorsNameThePathAndTheCure() {
        Path path = temp.resolve("out");
        RuntimeException denied = DiskFailure.writing(path, new AccessDeniedException(path.toString()));
        assertInstanceOf(InputException.class, denied);
        assertTrue(denied.getMessage().contains("no right to write " + path), denied.getMessage());
        RuntimeException full = DiskFailure.writing(path, assertThrows(IOException.class, AtomicDirectoryTest::writeToFullDevice));
        assertInstanceOf(RunStoppedException.class, full);
        assertTrue(full.getMessage().contains("no space to write " + path), full.getMessage());
        assertInstanceOf(InputException.class,
                DiskFailure.writing(path, new FileSystemException(path.toString(), null, "Read-only file system")));
        assertInstanceOf(RunStoppedException.class, DiskFailure.writing(path, new IOException("Input/output error")));
    }

    private static void writeToFullDevice() throws IOException {
        Path full = Path.of("/dev/full"); // of Linux: every write fails as on a full disk
        if (!Files.exists(full)) {
            throw new IOException("No space left on device");
        }
        Files.write(full, new byte[] {1});
    }

    @Test
    void parentThatIsAFileIsTheUsersToMend() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));
        InputException e = assertThrows(InputException.class, () -> AtomicDirectory.create(file.resolve("sub/run")).close());
        assertTrue(e.getMessage().contains("file"), e.getMessage());
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
