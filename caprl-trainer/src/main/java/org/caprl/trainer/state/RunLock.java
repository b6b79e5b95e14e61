package org.caprl.trainer.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;

/**
 * Keeps a run's folder for one process: a lock on {@code .lock}, which holds that process's id. The system drops the lock when the
 * process dies, however it dies; the file stays.
 */
final class RunLock implements AutoCloseable {
    static final String NAME = ".lock";

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws InputException if a living process has the folder */
    static RunLock acquire(Path run) {
        Path file = run.resolve(NAME);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (!lock(channel)) {
                    String pid = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
                    throw new InputException("the run in " + run + " is in use by process " + pid
                            + "; wait until it ends or stop it (kill " + pid + "), or choose another run.name");
                }
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
                return new RunLock(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // this very process has it
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
