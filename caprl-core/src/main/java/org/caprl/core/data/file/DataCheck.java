package org.caprl.core.data.file;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.SampleImage;

/** Finds every row that a run could not use, images that don't decode included. */
public final class DataCheck {
    private DataCheck() {
    }

    /**
     * A row that can't be used.
     *
     * @param place  file and line or row
     * @param reason what is wrong, and its cure
     */
    public record BadRow(String place, String reason) {
    }

    /**
     * Reads every row and decodes every image.
     *
     * @param named a file or a glob of several
     * @param use   what rows must have
     * @param bad   takes bad rows as they are found
     * @return the number of rows
     * @throws InputException if there is no file, or one can't be read at all
     */
    public static long run(Path named, RowUse use, Consumer<BadRow> bad, Conversion.Listener listener) {
        try (OpenFiles opened = OpenFiles.open(named, (db, file) -> ParquetFile.ofSamples(db, file, use))) {
            long total = opened.files().stream().mapToLong(DataFile::rows).sum();
            Map<String, String> placeOfId = new HashMap<>();
            long done = 0;
            for (DataFile file : opened.files()) {
                for (int row = 0; row < file.rows(); row++) {
                    String place = file.place(row);
                    try {
                        CaptionSample sample = file.read(row).sample(use);
                        String earlier = placeOfId.putIfAbsent(sample.id(), place);
                        if (earlier != null) {
                            throw new InputException("id '" + sample.id() + "' is that of " + earlier + " too; give each row its own");
                        }
                        sample.images().forEach(SampleImage::decode);
                    } catch (InputException e) {
                        bad.accept(new BadRow(place, withoutPlace(e.getMessage(), place)));
                    }
                    listener.rows(++done, total);
                }
            }
            return total;
        }
    }

    /** Errors of a row begin with its place, those of an image in it too; those of an image file with that file. */
    private static String withoutPlace(String message, String place) {
        return message.startsWith(place + ": ") || message.startsWith(place + ", ") ? message.substring(place.length() + 2) : message;
    }
}
