package org.caprl.core.data.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.caprl.core.InputException;
import org.caprl.core.data.ImageInRow;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.SampleImage;

/**
 * A Parquet file in the layout of {@link ParquetSchema}. In memory are four bytes a row and the images of one window, at most
 * {@value #WINDOW_BYTES} bytes of them or one row: reading on in order takes them by windows, reading anywhere takes one row.
 *
 * <p>A row without an {@code id} column has the file's name and its number as its id.
 */
final class ParquetFile implements DataFile {
    /** What the driver copies to the Java heap at once, and this once more. */
    private static final int WINDOW_BYTES = 16 << 20;
    private static final int WINDOW_ROWS = 256;
    private static final JsonMapper JSON = new JsonMapper();

    private final DuckDb db;
    private final Path file;
    private final ParquetSchema schema;
    private final List<String> columns;
    private final int[] imageBytes;
    private boolean measured;
    private List<StoredRow> window = List.of();
    private int windowStart;

    /** Says, for each image of a row, whether its bytes lie in the row. */
    private record Unread(String name) implements SampleImage {
        @Override
        public byte[] bytes() {
            throw new IllegalStateException(name + " was not read");
        }
    }

    /**
     * Opens a file whose rows are samples.
     *
     * @param db lives at least as long
     * @throws InputException if it is no Parquet file or has other columns
     */
    static ParquetFile ofSamples(DuckDb db, Path file, RowUse use) {
        ParquetFile opened = new ParquetFile(db, file, false);
        opened.schema.require(use);
        return opened;
    }

    /** Opens a file to give every column of it as JSON. @throws InputException if it is no Parquet file, or JSON can't hold it */
    static ParquetFile ofEverything(DuckDb db, Path file) {
        ParquetFile opened = new ParquetFile(db, file, true);
        opened.schema.require(RowUse.ANY);
        opened.schema.requireJson();
        return opened;
    }

    private ParquetFile(DuckDb db, Path file, boolean everything) {
        this.db = db;
        this.file = file;
        this.schema = new ParquetSchema(db, file);
        this.columns = everything ? schema.others() : schema.known();
        long[] rows = new long[1];
        db.query(file, "SELECT num_rows FROM parquet_file_metadata(" + DuckDb.path(file) + ")", row -> rows[0] = row.getLong(1));
        if (rows[0] > Integer.MAX_VALUE - 8) {
            throw new InputException(file + " has " + rows[0] + " rows; split it into files of fewer than 2^31");
        }
        this.imageBytes = new int[(int) rows[0]];
    }

    ParquetSchema schema() {
        return schema;
    }

    @Override
    public Path path() {
        return file;
    }

    @Override
    public int rows() {
        return imageBytes.length;
    }

    @Override
    public String place(int row) {
        return file + ", row " + row;
    }

    @Override
    public void scan(Visitor visitor) {
        int[] next = {0};
        db.query(file, select("octet_length", ""), result -> {
            int row = next[0]++;
            requireOrder(row, result);
            List<Optional<SampleImage>> embedded = new ArrayList<>();
            long total = 0;
            for (Object length : list(result.getArray(3))) {
                embedded.add(length == null ? Optional.empty() : Optional.of(new Unread(imageName(row))));
                total += length == null ? 0 : ((Number) length).longValue();
            }
            imageBytes[row] = (int) Math.min(total, Integer.MAX_VALUE);
            String json = result.getString(2);
            visitor.row(row, () -> stored(row, json, embedded));
        });
        measured = true;
    }

    @Override
    public StoredRow read(int row) {
        if (row < windowStart || row >= windowStart + window.size()) {
            int end = row == windowStart + window.size() ? windowEnd(row) : row + 1;
            window = List.of(); // before the next one is read
            window = load(row, end);
            windowStart = row;
        }
        return window.get(row - windowStart);
    }

    private int windowEnd(int from) {
        if (!measured) {
            scan((row, reading) -> { });
        }
        long bytes = imageBytes[from];
        int end = from + 1;
        while (end < imageBytes.length && end - from < WINDOW_ROWS && bytes + imageBytes[end] <= WINDOW_BYTES) {
            bytes += imageBytes[end++];
        }
        return end;
    }

    private List<StoredRow> load(int from, int end) {
        List<StoredRow> rows = new ArrayList<>();
        String range = " WHERE file_row_number BETWEEN " + from + " AND " + (end - 1);
        db.query(file, select("", range), result -> {
            int row = from + rows.size();
            requireOrder(row, result);
            List<Optional<SampleImage>> embedded = new ArrayList<>();
            for (Object image : list(result.getArray(3))) {
                embedded.add(image == null ? Optional.empty() : Optional.of(new ImageInRow(imageName(row), bytes((Blob) image))));
            }
            rows.add(stored(row, result.getString(2), embedded));
        });
        if (rows.size() != end - from) {
            throw new InputException(file + " gave " + rows.size() + " rows from row " + from + " in place of " + (end - from)
                    + "; leave it unchanged during a run");
        }
        return rows;
    }

    private static byte[] bytes(Blob blob) throws SQLException {
        return blob.getBytes(1, (int) blob.length());
    }

    private static Object[] list(Array array) throws SQLException {
        return array == null ? new Object[0] : (Object[]) array.getArray();
    }

    private void requireOrder(int row, ResultSet result) throws SQLException {
        if (result.getLong(1) != row) {
            throw new IllegalStateException(file + ": row " + result.getLong(1) + " came in place of row " + row);
        }
    }

    private String imageName(int row) {
        return place(row) + ", image";
    }

    /** Number and JSON of rows, and a list with {@code OF(an image's bytes)} of each image. */
    private String select(String of, String where) {
        boolean lists = schema.imagesAreLists();
        String fields = columns.stream().map(name -> DuckDb.text(name) + ": " + DuckDb.name(name) + ", ").collect(Collectors.joining());
        // Fields are named one by one, so that nothing else of an image is read.
        String image = lists ? "x" : "image";
        String bytes = of + "(" + image + ".bytes)";
        String path = "{'path': " + (schema.imagesHavePaths() ? image + ".path" : "NULL") + "}";
        return "SELECT file_row_number, to_json({" + fields + "'image': " + (lists ? "[" + path + " FOR x IN image]" : path) + "}), ["
                + bytes + (lists ? " FOR x IN image" : "") + "] FROM " + DuckDb.table(file) + where;
    }

    private StoredRow stored(int row, String json, List<Optional<SampleImage>> embedded) {
        try {
            ObjectNode object = (ObjectNode) JSON.readTree(json);
            if (!schema.has("id")) {
                object.put("id", file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + "-" + row);
            }
            withoutNulls(object);
            return new StoredRow(place(row), object, file.toAbsolutePath().getParent(), embedded);
        } catch (JsonProcessingException e) {
            throw new InputException(place(row) + ": a value has no form in JSON: " + e.getOriginalMessage()
                    + "; give it a value that JSON has, or null", e);
        }
    }

    /** A field that is null is not there: columns have every field in every row. */
    private static void withoutNulls(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
        }
        node.forEach(ParquetFile::withoutNulls);
    }

    @Override
    public void close() {
        window = List.of();
    }
}
