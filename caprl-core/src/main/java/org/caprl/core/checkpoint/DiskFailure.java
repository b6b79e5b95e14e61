package org.caprl.core.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/** Turns a failed write into the error that the user should see. */
public final class DiskFailure {
    private DiskFailure() {
    }

    /**
     * No right to write there is the user's to mend: {@link InputException}. Anything else (disk full, device gone) stops the run:
     * {@link RunStoppedException}.
     *
     * @param target what was to be written, for the message
     */
    public static RuntimeException writing(Path target, IOException cause) {
        if (cause instanceof AccessDeniedException || reason(cause).contains("Read-only file system")
                || reason(cause).contains("Operation not permitted")) {
            return new InputException("no right to write " + target + " (" + reason(cause)
                    + "); give yourself write permission there, or choose another folder", cause);
        }
        if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException
                || reason(cause).contains("Not a directory")) {
            return new InputException("cannot write " + target + ": " + cause.getMessage()
                    + " is in the way, a file where a folder belongs or something of that name; choose another path, or move it away",
                    cause);
        }
        if (reason(cause).contains("No space left") || reason(cause).contains("Disk quota exceeded")) {
            return new RunStoppedException("no space to write " + target + " (" + reason(cause)
                    + "); free space or choose another folder and start again: what was complete before is untouched", cause);
        }
        return new RunStoppedException("cannot write " + target + " (" + cause.getClass().getSimpleName() + ": " + reason(cause)
                + "); what was complete before is untouched", cause);
    }

    private static String reason(IOException cause) {
        String reason = cause instanceof FileSystemException e && e.getReason() != null ? e.getReason() : cause.getMessage();
        return reason == null ? cause.getClass().getSimpleName() : reason;
    }
}
