package org.caprl.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.caprl.core.InputException;

/**
 * Writes a JSONL file that is either there in full or not at all: rows go to a file aside, and {@link #commit} makes them durable and renames.
 * Closing without a commit leaves nothing behind.
 */
public final class JsonlWriter implements Closeable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;
    private final Path aside;
    private final FileChannel channel;
    private final OutputStream out;

    /** Starts writing; the folder of {@code file} is made if needed. @throws InputException if the folder can't be written */
    public JsonlWriter(Path file) {
        this.file = file.toAbsolutePath();
        this.aside = this.file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.createDirectories(this.file.getParent());
            channel = FileChannel.open(aside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw failed(e);
        }
        out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    /** Adds one row. */
    public void write(JsonNode row) {
        try {
            out.write(MAPPER.writeValueAsBytes(row));
            out.write('\n');
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Makes the rows durable and gives the file its name, in place of an older one. */
    public void commit() {
        try {
            out.flush();
            channel.force(true);
            channel.close();
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Drops the rows unless they were committed. */
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(aside);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private InputException failed(IOException e) {
        return new InputException("can't write " + file + ": " + e + "; check that the folder may be written and the disk has space", e);
    }
}
