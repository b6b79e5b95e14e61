package org.caprl.trainer.launch;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;

/**
 * A folder whose files travel in parts.
 *
 * @param folder on this machine
 */
record FileParts(Path folder) implements AutoCloseable {
    /** Of a part. */
    static final int PART_BYTES = 64 << 20;

    /**
     * One file.
     *
     * @param name path below the folder, with slashes
     * @param bytes its size
     */
    record Entry(String name, long bytes) {
    }

    /** A new folder among the temporary files, removed by {@link #close}. */
    static FileParts inNewFolder() {
        try {
            return new FileParts(Files.createTempDirectory("caprl-checkpoint-"));
        } catch (IOException e) {
            throw DiskFailure.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    /** The files, in order of their names. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                entries.add(new Entry(folder.relativize(file).toString(), Files.size(file)));
            }
        } catch (IOException e) {
            throw DiskFailure.writing(folder, e);
        }
        return entries;
    }

    byte[] message() {
        return new MessageWriter(MessageKind.FILES).putAll(entries(), (m, e) -> m.put(e.name()).put(e.bytes())).bytes();
    }

    static List<Entry> entries(byte[] message) {
        MessageReader reader = new MessageReader(message, MessageKind.FILES);
        List<Entry> entries = reader.all(r -> new Entry(r.text(), r.number()));
        reader.end();
        return entries;
    }

    /** Part of a file as a message. */
    static byte[] message(byte[] part) {
        return new MessageWriter(MessageKind.FILES).expecting(part.length + Integer.BYTES).put(part).bytes();
    }

    /** Part of a file from a message. */
    static byte[] bytes(byte[] message) {
        MessageReader reader = new MessageReader(message, MessageKind.FILES);
        byte[] part = reader.byteArray();
        reader.end();
        return part;
    }

    /** @throws IllegalArgumentException if the name leads out of the folder */
    private Path file(String name) {
        Path file = folder.resolve(name).normalize();
        if (!file.startsWith(folder)) {
            throw new IllegalArgumentException("'" + name + "' is no file of a checkpoint");
        }
        return file;
    }

    byte[] read(String name, long from, int bytes) {
        byte[] part = new byte[bytes];
        try (RandomAccessFile file = new RandomAccessFile(file(name).toFile(), "r")) {
            file.seek(from);
            file.readFully(part);
        } catch (IOException e) {
            throw DiskFailure.writing(file(name), e);
        }
        return part;
    }

    void write(String name, long from, byte[] bytes) {
        Path target = file(name);
        try {
            Files.createDirectories(target.getParent());
            try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
                file.seek(from);
                file.write(bytes);
            }
        } catch (IOException e) {
            throw DiskFailure.writing(target, e);
        }
    }

    /** Removes folder and files. */
    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw DiskFailure.writing(folder, e);
        }
    }
}
