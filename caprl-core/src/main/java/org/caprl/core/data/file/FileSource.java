package org.caprl.core.data.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.SampleSource;
import org.caprl.core.random.CounterRandom;

/**
 * Samples from JSONL or Parquet files, whose rows are as {@link CaptionRow} describes.
 *
 * <p>Opening reads the files once and checks every row but the pixels of its images, so that a bad row is known before a long run starts.
 * Only where each row stands is kept: a row is read again when its sample is asked for. So an epoch's order is a permutation of all rows,
 * however large the data are, and the same for the same rows in either format.
 */
public final class FileSource implements SampleSource {
    private static final long ORDER = CounterRandom.hash("sample order");

    private final String name;
    private final RowUse use;
    private final OpenFiles files;
    private final List<Place> rows;
    private final long skipped;
    private final String firstSkipped;
    private final long unmatched;
    private Cursor cursor;
    private int[] order;

    /** Where a row stands. */
    private record Place(DataFile file, int row) {
        @Override
        public String toString() {
            return file.place(row);
        }
    }

    private FileSource(String name, RowUse use, OpenFiles files, List<Place> rows, long skipped, String firstSkipped,
            long unmatched, long seed) {
        this.name = name;
        this.use = use;
        this.files = files;
        this.rows = rows;
        this.skipped = skipped;
        this.firstSkipped = firstSkipped;
        this.unmatched = unmatched;
        this.cursor = Cursor.start(seed);
    }

    /**
     * Samples to learn from, and samples that are held out from them; where both are of the same files, either one closes these.
     *
     * @param train to learn from
     * @param held held out
     */
    public record Split(FileSource train, FileSource held) implements AutoCloseable {
        @Override
        public void close() {
            train.close();
            held.close();
        }
    }

    /**
     * Opens files and checks every row.
     *
     * @param named a file, or a glob of several, see {@link DataPaths}
     * @param seed of the endless pass, see {@link SampleSource}
     * @throws InputException if there is no file or no usable row, for a Parquet file with other columns, or for the first bad row with
     *     {@link BadRows#FAIL}; names the file, the row, what was wrong and its cure
     */
    public static FileSource open(Path named, RowUse use, BadRows badRows, long seed) {
        return split(named, use, badRows, seed, Holdout.NONE).train();
    }

    /**
     * Opens files, checks every row, and splits off those that are held out. Rows that are left out count for {@code train}.
     *
     * @throws InputException as {@link #open}, or if no row is left for one side
     */
    public static Split split(Path named, RowUse use, BadRows badRows, long seed, Holdout holdout) {
        OpenFiles files = OpenFiles.open(named, (db, file) -> ParquetFile.ofSamples(db, file, use));
        try {
            Index index = new Index(use, badRows, holdout);
            files.files().forEach(index::add);
            if (index.rows.isEmpty() && index.held.isEmpty()) {
                throw new InputException(named + " has no usable row"
                        + (index.skipped == 0 ? "; write at least one (in JSONL an object a line)"
                        : ": all " + index.skipped + " are bad, the first: " + index.firstSkipped));
            }
            if (index.rows.isEmpty() || holdout.share() > 0 && index.held.isEmpty()) {
                throw new InputException("data.holdout = " + holdout.share() + " leaves " + index.rows.size() + " rows of " + named
                        + " to learn from and holds out " + index.held.size() + "; choose another share, or give more rows");
            }
            return new Split(new FileSource(named.toString(), use, files, index.rows, index.skipped, index.firstSkipped, index.unmatched,
                    seed),
                    new FileSource(named + " (held out)", use, files, index.held, 0, "", index.unmatchedHeld, seed));
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** The places of usable rows, found by reading all. */
    private static final class Index {
        private final RowUse use;
        private final BadRows badRows;
        private final Holdout holdout;
        private final Map<String, Place> placeOfId = new HashMap<>();
        private final List<Place> rows = new ArrayList<>();
        private final List<Place> held = new ArrayList<>();
        private long skipped;
        private String firstSkipped = "";
        private long unmatched;
        private long unmatchedHeld;

        private Index(RowUse use, BadRows badRows, Holdout holdout) {
            this.use = use;
            this.badRows = badRows;
            this.holdout = holdout;
        }

        private void add(DataFile file) {
            file.scan((row, reading) -> {
                try {
                    Place place = new Place(file, row);
                    CaptionSample sample = reading.get().sample(use);
                    String id = sample.id();
                    Place earlier = placeOfId.putIfAbsent(id, place);
                    if (earlier != null) {
                        throw new InputException(place + ": id '" + id + "' is that of " + earlier + " too; give each row its own");
                    }
                    boolean holds = holdout.holds(id);
                    (holds ? held : rows).add(place);
                    long without = sample.questions().stream().filter(q -> !q.matched()).count();
                    unmatched += holds ? 0 : without;
                    unmatchedHeld += holds ? without : 0;
                } catch (InputException e) {
                    if (badRows == BadRows.FAIL) {
                        throw e;
                    }
                    firstSkipped = skipped++ == 0 ? e.getMessage() : firstSkipped;
                }
            });
        }
    }

    @Override
    public OptionalLong size() {
        return OptionalLong.of(rows.size());
    }

    @Override
    public long skipped() {
        return skipped;
    }

    @Override
    public String firstSkipped() {
        return firstSkipped;
    }

    /** How many questions of the usable rows have their right answer not among their options. */
    public long unmatchedQuestions() {
        return unmatched;
    }

    @Override
    public Iterator<CaptionSample> iterator() {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < rows.size();
            }

            @Override
            public CaptionSample next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("all " + rows.size() + " samples of " + name + " were given");
                }
                return read(rows.get(at++));
            }
        };
    }

    @Override
    public CaptionSample next() {
        if (cursor.position() == rows.size()) {
            cursor = new Cursor(cursor.seed(), cursor.epoch() + 1, 0);
            order = null;
        }
        if (order == null) {
            order = CounterRandom.permutation(CounterRandom.key(cursor.seed(), ORDER, cursor.epoch()), rows.size());
        }
        CaptionSample sample = read(rows.get(order[(int) cursor.position()]));
        cursor = new Cursor(cursor.seed(), cursor.epoch(), cursor.position() + 1);
        return sample;
    }

    private CaptionSample read(Place place) {
        return place.file().read(place.row()).sample(use);
    }

    @Override
    public Cursor cursor() {
        return cursor;
    }

    @Override
    public void seek(Cursor saved) {
        if (saved.position() > rows.size()) {
            throw new InputException("can't continue in " + name + ": the saved place is sample " + saved.position()
                    + " of an epoch, there are " + rows.size()
                    + "; the data changed since the run was saved: restore the file, or start a new run");
        }
        cursor = saved;
        order = null;
    }

    @Override
    public void close() {
        files.close();
    }
}
