package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.SampleImage;
import org.caprl.core.data.file.ColumnType.ListOf;
import org.caprl.core.data.file.ColumnType.Struct;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;

/**
 * Writes a Parquet file row by row. DuckDB asks for the rows as a table; images cross as base64, since its Java tables have no column of
 * bytes, and lie in the file as they are.
 */
final class ParquetWriter {
    /** Rows that cross at once. */
    private static final int CHUNK_ROWS = 16;
    private static final int CHUNK_BYTES = 8 << 20;
    /** Of a row group's images, about. A row anywhere costs its row group. */
    private static final int ROW_GROUP_BYTES = 8 << 20;
    private static final int MOST_GROUP_ROWS = 1024;
    private static final String IMAGE = "image";
    /** DuckDB keeps the names of functions for the whole process. */
    private static final AtomicLong TABLES = new AtomicLong();

    private ParquetWriter() {
    }

    /**
     * A row.
     *
     * @param json   as {@link StoredRow#json}
     * @param images in order
     */
    record Row(JsonNode json, List<SampleImage> images) {
    }

    /**
     * Writes a new file.
     *
     * <p>What {@code rows} throws is thrown; then a part of the file is left.
     *
     * @param type       of the rows' JSON, {@code image} included
     * @param rows       each of that type
     * @param imageBytes of an image on average, for the size of row groups
     * @throws RunStoppedException when the disk refuses
     */
    static void write(Path file, Struct type, Iterator<Row> rows, long imageBytes) {
        String table = "caprl_rows_" + TABLES.incrementAndGet();
        Table source = new Table(type, rows);
        long group = Math.clamp(ROW_GROUP_BYTES / Math.max(1, imageBytes), 1, MOST_GROUP_ROWS);
        String copy = "COPY (" + select(type, table) + ") TO " + DuckDb.text(file.toString())
                + " (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE " + group + ")";
        try (DuckDb db = DuckDb.start()) {
            try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
                builder.withName(table).withFunction(source).register(db.connection());
            }
            try (Statement statement = db.connection().createStatement()) {
                statement.execute(copy);
            }
        } catch (SQLException e) {
            if (source.failure != null) {
                throw source.failure;
            }
            if (e.getMessage() != null && e.getMessage().contains("IO Error")) {
                throw new RunStoppedException("can't write " + file + ": " + e.getMessage() + "; free space or choose another folder", e);
            }
            throw new IllegalStateException("DuckDB refuses rows of the type " + type, e);
        }
    }

    private static String select(Struct type, String table) {
        JsonNode structure = type.structure();
        String columns = type.fields().keySet().stream().map(name -> {
            String column = "r." + DuckDb.name(name);
            if (name.equals(IMAGE)) {
                column = type.fields().get(name) instanceof ListOf
                        ? "[{'bytes': from_base64(x[2]), 'path': x[1].path} FOR x IN list_zip(r.image, string_split(images, ','))]"
                        : "{'bytes': from_base64(images), 'path': r.image.path}";
            }
            return column + " AS " + DuckDb.name(name);
        }).collect(Collectors.joining(", "));
        return "SELECT " + columns + " FROM (SELECT json_transform_strict(json, " + DuckDb.text(structure.toString())
                + ") AS r, images FROM " + table + "())";
    }

    /** The rows as DuckDB asks for them, on one thread. */
    private static final class Table implements DuckDBTableFunction<Object, Object, Object> {
        private static final Object NOTHING = new Object();

        private final Struct type;
        private final Iterator<Row> rows;
        private RuntimeException failure;

        private Table(Struct type, Iterator<Row> rows) {
            this.type = type;
            this.rows = rows;
        }

        @Override
        public Object bind(DuckDBTableFunctionBindInfo info) throws SQLException {
            info.addResultColumn("json", String.class);
            info.addResultColumn("images", String.class);
            return NOTHING;
        }

        @Override
        public Object init(DuckDBTableFunctionInitInfo info) {
            info.setMaxThreads(1);
            return NOTHING;
        }

        @Override
        public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter chunk) {
            try {
                int row = 0;
                long bytes = 0;
                List<byte[]> json = new ArrayList<>();
                List<byte[]> images = new ArrayList<>();
                while (row < CHUNK_ROWS && bytes < CHUNK_BYTES && rows.hasNext()) {
                    Row next = rows.next();
                    json.add(type.complete(next.json()).toString().getBytes(StandardCharsets.UTF_8));
                    images.add(base64(next.images()));
                    bytes += images.getLast().length;
                    row++;
                }
                if (row > 0) {
                    chunk.vector(0).setStringUtf8Batch(0, json.toArray(byte[][]::new));
                    chunk.vector(1).setStringUtf8Batch(0, images.toArray(byte[][]::new));
                }
                return row;
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }

        private static byte[] base64(List<SampleImage> images) {
            Base64.Encoder encoder = Base64.getEncoder();
            if (images.size() == 1) {
                return encoder.encode(images.getFirst().bytes());
            }
            return images.stream().map(image -> encoder.encodeToString(image.bytes())).collect(Collectors.joining(","))
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** The type of a row's image as its JSON has it: where it lies, and nothing else. */
    static ColumnType imageType(boolean lists) {
        Struct image = ColumnType.struct("path", ColumnType.TEXT);
        return lists ? new ListOf(image) : image;
    }
}
