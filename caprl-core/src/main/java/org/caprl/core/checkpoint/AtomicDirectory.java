package org.caprl.core.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.caprl.core.InputException;

/**
 * A folder that appears whole or not at all: it is written aside, forced to disk, then renamed to its target.
 *
 * <pre>{@code
 * try (AtomicDirectory folder = AtomicDirectory.create(target)) {
 *     ... write into folder.path() ...
 *     folder.commit();
 * }
 * }</pre>
 *
 * <p>Closed without {@link #commit}, it leaves nothing. After a crash, {@link #sweep} removes what was written aside.
 */
public final class AtomicDirectory implements AutoCloseable {
    private final Path target;
    private final Aside aside;
    private boolean committed;

    private AtomicDirectory(Path target, Aside aside) {
        this.target = target;
        this.aside = aside;
    }

    /**
     * Begins a folder, making the target's parents where they are missing.
     *
     * @throws InputException if the target exists and is not an empty folder, or there is no right to write beside it
     */
    public static AtomicDirectory create(Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        try {
            requireFree(absolute);
            Files.createDirectories(absolute.getParent());
            Aside aside = Aside.of(absolute);
            try {
                Files.createDirectory(aside.path());
            } catch (IOException e) {
                aside.discard();
                throw e;
            }
            return new AtomicDirectory(absolute, aside);
        } catch (IOException e) {
            throw DiskFailure.writing(target, e);
        }
    }

    private static void requireFree(Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new InputException(target + " exists and is a file; choose another name for the new folder, or move the file away");
        }
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw new InputException(target + " exists and is not empty; choose another name for the new folder, or move it away");
            }
        }
    }

    /** The folder to write into; it is gone after {@link #close}. */
    public Path path() {
        return aside.path();
    }

    /** Forces files and folders to disk and renames the folder to its target. */
    public void commit() {
        try {
            requireFree(target);
            aside.moveTo(target);
            committed = true;
        } catch (IOException e) {
            throw DiskFailure.writing(target, e);
        }
    }

    /** Removes everything that was written, unless it was committed. */
    @Override
    public void close() {
        if (!committed) {
            try {
                aside.discard();
            } catch (IOException e) {
                throw DiskFailure.writing(aside.path(), e);
            }
        }
    }

    /**
     * Removes a folder so that it is seen whole or not at all: it is renamed away first, and {@link #sweep} removes what a crash leaves
     * of it. One that does not exist stays so.
     */
    public static void delete(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        try {
            if (Files.exists(absolute)) {
                Aside aside = Aside.of(absolute);
                try {
                    Files.move(absolute, aside.path(), StandardCopyOption.ATOMIC_MOVE);
                } finally {
                    aside.discard();
                }
            }
        } catch (IOException e) {
            throw DiskFailure.writing(folder, e);
        }
    }

    /**
     * Removes what processes that died left aside in {@code parent}, files of {@link AtomicFile} too; what a living process writes
     * stays. A parent that does not exist has nothing to remove.
     */
    public static void sweep(Path parent) {
        try {
            Aside.sweep(parent);
        } catch (NoSuchFileException e) {
            // Nothing was ever written there, or another process swept first.
        } catch (IOException e) {
            throw DiskFailure.writing(parent, e);
        }
    }
}
