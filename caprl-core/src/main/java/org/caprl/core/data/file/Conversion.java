package org.caprl.core.data.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;

/**
 * Rows from JSONL with images beside it to Parquet with images in it, and back. Every value of every key or column goes along, also those
 * that mean nothing here, and images keep their bytes. What JSON or Parquet can't hold is an error, and the target is there in full or not
 * at all. Keys that are null, and columns that are null in a row, are the same.
 *
 * <p>Images of {@code NAME.jsonl} go to the folder {@code NAME-images} beside it, under their path in the Parquet file where that is a
 * plain relative one, else under the row's id. On the way to Parquet that folder's name is left out of the path again.
 */
public final class Conversion {
    private static final String JSONL = ".jsonl";

    private Conversion() {
    }

    /** Hears how far a long reading is. */
    public interface Listener {
        /** Rows converted so far, of all. */
        void rows(long done, long total);
    }

    /**
     * Converts.
     *
     * @param from a file or a glob of several, all in one format
     * @param to   a {@code .parquet} or {@code .jsonl} file that does not exist; the other format than {@code from}
     * @return the number of rows
     * @throws InputException naming the row that can't be converted, and why
     */
    public static long run(Path from, Path to, Listener listener) {
        boolean toParquet = to.toString().endsWith(".parquet");
        if (!toParquet && !to.toString().endsWith(JSONL)) {
            throw new InputException("can't tell the format of " + to + "; give it a name that ends in .parquet or " + JSONL);
        }
        if (Files.exists(to)) {
            throw new InputException(to + " exists; choose another name, or move it away");
        }
        try (OpenFiles opened = OpenFiles.open(from, ParquetFile::ofEverything)) {
            for (DataFile file : opened.files()) {
                if (file instanceof ParquetFile == toParquet) {
                    throw new InputException(file.path() + " is in " + (toParquet ? "Parquet" : "JSONL") + ", as " + to
                            + " would be; conversion is from the one to the other");
                }
            }
            List<DataFile> files = opened.files();
            long total = files.stream().mapToLong(DataFile::rows).sum();
            if (total == 0) {
                throw new InputException(from + " has no row");
            }
            long[] done = {0};
            Runnable row = () -> listener.rows(++done[0], total);
            if (toParquet) {
                ToParquet.write(files, to, row);
            } else {
                ToJsonl.write(files, to, row);
            }
            return total;
        }
    }

    /** The folder of a JSONL file's images, as its rows name it. */
    static String imageFolder(Path jsonl) {
        String name = jsonl.getFileName().toString();
        return (name.endsWith(JSONL) ? name.substring(0, name.length() - JSONL.length()) : name) + "-images";
    }
}
