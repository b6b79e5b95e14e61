package org.caprl.core.data.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;

/** Opened data files of one kind or mixed, with the DuckDB that reads those in Parquet; it is started when the first one is. */
final class OpenFiles implements AutoCloseable {
    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

    private final List<DataFile> files = new ArrayList<>();
    private DuckDb db;

    /** How a Parquet file is read. */
    interface ParquetReading {
        ParquetFile open(DuckDb db, Path file);
    }

    /**
     * Opens the files that a path names.
     *
     * @param parquet how those in Parquet are read
     * @throws InputException if there is none, or one can't be read
     */
    static OpenFiles open(Path named, ParquetReading parquet) {
        OpenFiles opened = new OpenFiles();
        try {
            for (Path file : DataPaths.of(named)) {
                opened.files.add(isParquet(file) ? parquet.open(opened.db(), file) : new JsonlFile(file));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Whether a file is in Parquet, by its first bytes. @throws InputException if only its name says so */
    static boolean isParquet(Path file) {
        byte[] first;
        try (InputStream in = Files.newInputStream(file)) {
            first = in.readNBytes(PARQUET.length);
        } catch (IOException e) {
            throw new InputException("can't read " + file + ": " + e + "; check its permissions", e);
        }
        boolean parquet = Arrays.equals(first, PARQUET);
        if (!parquet && file.toString().endsWith(".parquet")) {
            throw new InputException(file + " is no Parquet file: it doesn't begin with PAR1 (a Git LFS pointer or an HTML error page, "
                    + "perhaps); fetch it again");
        }
        return parquet;
    }

    private DuckDb db() {
        if (db == null) {
            db = DuckDb.start();
        }
        return db;
    }

    List<DataFile> files() {
        return files;
    }

    @Override
    public void close() {
        files.forEach(DataFile::close);
        if (db != null) {
            db.close();
        }
    }
}
