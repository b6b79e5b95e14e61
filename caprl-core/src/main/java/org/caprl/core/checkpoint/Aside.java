package org.caprl.core.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is being written and not yet in place: a hidden sibling {@code .NAME.tmp-ID} of the target.
 *
 * <p>A file lock on {@code .NAME.tmp-ID.lock} is held while its writer lives. The system drops it when the process dies, however
 * it dies, so that {@link #sweep} can tell a stale sibling from one in use, also across containers that share the folder.
 */
final class Aside {
    private static final Pattern STALE = Pattern.compile("(\\..+\\.tmp-[0-9a-f]{16})(\\.lock)?");
    private static final SecureRandom IDS = new SecureRandom();

    private final Path path;
    private final Path lockFile;
    private final FileChannel lock;

    private Aside(Path path, Path lockFile, FileChannel lock) {
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /** A free sibling name for {@code target}; nothing but its lock exists yet. */
    static Aside of(Path target) throws IOException {
        while (true) {
            byte[] id = new byte[8];
            IDS.nextBytes(id);
            Path path = target.resolveSibling("." + target.getFileName() + ".tmp-" + HexFormat.of().formatHex(id));
            Path lockFile = lockFileOf(path);
            FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            // A sweep may have come between the two calls; then the lock holds nothing and another name is taken.
            if (lock.tryLock() != null && Files.exists(lockFile)) {
                return new Aside(path, lockFile, lock);
            }
            lock.close();
        }
    }

    Path path() {
        return path;
    }

    /** Moves what was written over {@code target} in one step, after it has reached the disk. */
    void moveTo(Path target) throws IOException {
        forceTree(path);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        force(target.getParent());
        release();
    }

    /** Removes what was written. */
    void discard() throws IOException {
        deleteTree(path);
        release();
    }

    private void release() throws IOException {
        Files.deleteIfExists(lockFile);
        lock.close();
    }

    /** Removes the siblings in {@code parent} whose writer is dead. */
    static void sweep(Path parent) throws IOException {
        List<Path> entries;
        try (Stream<Path> all = Files.list(parent)) {
            entries = all.toList();
        }
        for (Path entry : entries) {
            var name = STALE.matcher(entry.getFileName().toString());
            if (name.matches()) {
                removeIfAbandoned(parent.resolve(name.group(1)));
            }
        }
    }

    private static void removeIfAbandoned(Path path) throws IOException {
        Path lockFile = lockFileOf(path);
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
            if (lock != null) {
                deleteTree(path);
                Files.deleteIfExists(lockFile);
            }
        } catch (OverlappingFileLockException e) {
            // Its writer is this very process.
        } catch (NoSuchFileException e) {
            deleteTree(path); // the lock goes last, so nobody is behind this one
        }
    }

    private static Path lockFileOf(Path path) {
        return path.resolveSibling(path.getFileName() + ".lock");
    }

    private static void forceTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                force(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                force(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** fsync works through any descriptor, and a folder can only be opened for reading. */
    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
