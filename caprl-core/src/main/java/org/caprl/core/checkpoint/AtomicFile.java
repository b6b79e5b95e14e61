package org.caprl.core.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a file so that readers, and the next start after a crash, see either the old content or the whole new one. */
public final class AtomicFile {
    private AtomicFile() {
    }

    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything to {@code out}, which the caller closes. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Replaces {@code file} by these bytes; parents are made where they are missing. */
    public static void write(Path file, byte[] content) {
        write(file, out -> out.write(content));
    }

    /**
     * Replaces {@code file} by what {@code content} writes; if that fails, the old file stays as it was and nothing is left beside it.
     *
     * @throws RuntimeException as {@link DiskFailure#writing} says, when the disk refuses
     */
    public static void write(Path file, Content content) {
        writeAt(file, path -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
                content.writeTo(out);
            }
        });
    }

    /** Writes a file under a name that it is given. */
    @FunctionalInterface
    public interface Writer {
        /** Writes everything to a new file {@code path}. */
        void writeTo(Path path) throws IOException;
    }

    /**
     * Replaces {@code file} by what {@code writer} writes beside it, for writers that open files themselves; if that fails, the old file
     * stays as it was and nothing is left beside it.
     *
     * @throws RuntimeException as {@link DiskFailure#writing} says, when the disk refuses
     */
    public static void writeAt(Path file, Writer writer) {
        Path target = file.toAbsolutePath().normalize();
        try {
            Files.createDirectories(target.getParent());
            Aside aside = Aside.of(target);
            boolean moved = false;
            try {
                writer.writeTo(aside.path());
                aside.moveTo(target);
                moved = true;
            } finally {
                if (!moved) {
                    aside.discard();
                }
            }
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }
}
