package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;

/**
 * What data files hold.
 *
 * @param files       each with its format
 * @param columns     names and types, in DuckDB's notation; of JSONL the types of the values
 * @param rows        of all files
 * @param bad         rows that can't be used for anything
 * @param images      of the rows that can be used, as all that follows
 * @param questions   of all rows
 * @param captions    rows with a reference caption
 * @param dataSources rows of each
 * @param first       the first rows, in order
 */
public record DataSummary(List<File> files, SequencedMap<String, String> columns, long rows, long bad, long images, long questions,
                          long captions, Map<String, Long> dataSources, List<Shown> first) {
    /**
     * A file.
     *
     * @param path   where
     * @param format {@code Parquet} or {@code JSONL}
     * @param rows   of it
     * @param bytes  of it
     */
    public record File(Path path, String format, long rows, long bytes) {
    }

    /**
     * A row to look at.
     *
     * @param place  file and line or row
     * @param sample null where the row can't be used
     * @param fault  why not; empty where it can
     */
    public record Shown(String place, CaptionSample sample, String fault) {
    }

    /**
     * Reads all rows, but not their images.
     *
     * @param named a file or a glob of several
     * @param show  most rows to show; their images are read
     * @throws InputException if there is no file, one can't be read at all, or a Parquet file has other columns
     */
    public static DataSummary of(Path named, int show) {
        try (OpenFiles opened = OpenFiles.open(named, (db, file) -> ParquetFile.ofSamples(db, file, RowUse.ANY))) {
            List<File> files = new ArrayList<>();
            Counts counts = new Counts();
            List<Shown> first = new ArrayList<>();
            for (DataFile file : opened.files()) {
                boolean parquet = file instanceof ParquetFile;
                try {
                    files.add(new File(file.path(), parquet ? "Parquet" : "JSONL", file.rows(), Files.size(file.path())));
                } catch (IOException e) {
                    throw new InputException("can't read " + file.path() + ": " + e, e);
                }
                if (file instanceof ParquetFile p) {
                    p.schema().columns().forEach((name, type) -> counts.columns.putIfAbsent(name, type.toString()));
                }
                file.scan((row, reading) -> counts.add(reading, !parquet));
                for (int row = 0; row < file.rows() && first.size() < show; row++) {
                    first.add(shown(file, row));
                }
            }
            counts.types.forEach((name, type) -> counts.columns.putIfAbsent(name, type.toString()));
            return new DataSummary(files, counts.columns, counts.rows, counts.bad, counts.images, counts.questions, counts.captions,
                    counts.dataSources, first);
        }
    }

    private static Shown shown(DataFile file, int row) {
        try {
            return new Shown(file.place(row), file.read(row).sample(RowUse.ANY), "");
        } catch (InputException e) {
            return new Shown(file.place(row), null, e.getMessage());
        }
    }

    private static final class Counts {
        private final SequencedMap<String, String> columns = new LinkedHashMap<>();
        private final SequencedMap<String, ColumnType> types = new LinkedHashMap<>();
        private final Map<String, Long> dataSources = new TreeMap<>();
        private long rows;
        private long bad;
        private long images;
        private long questions;
        private long captions;

        private void add(DataFile.Reading reading, boolean inferTypes) {
            rows++;
            try {
                StoredRow row = reading.get();
                CaptionSample sample = row.sample(RowUse.ANY);
                images += sample.images().size();
                questions += sample.questions().size();
                captions += sample.caption().isPresent() ? 1 : 0;
                dataSources.merge(sample.dataSource(), 1L, Long::sum);
                if (inferTypes) {
                    row.json().properties().forEach(field -> types.merge(field.getKey(), type(field.getValue()), Counts::either));
                }
            } catch (InputException e) {
                bad++;
            }
        }

        /** Of keys that mean nothing here, any mixture may be there. */
        private static ColumnType type(JsonNode value) {
            try {
                return ColumnType.of(value);
            } catch (IllegalArgumentException e) {
                return MIXED;
            }
        }

        private static ColumnType either(ColumnType a, ColumnType b) {
            try {
                return a.or(b);
            } catch (IllegalArgumentException e) {
                return MIXED;
            }
        }

        private static final ColumnType MIXED = new ColumnType.Scalar("(no one type)");
    }
}
