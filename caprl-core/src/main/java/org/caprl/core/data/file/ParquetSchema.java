package org.caprl.core.data.file;

import static org.caprl.core.data.file.ColumnType.BYTES;
import static org.caprl.core.data.file.ColumnType.TEXT;
import static org.caprl.core.data.file.ColumnType.struct;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.caprl.core.InputException;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.ColumnType.ListOf;
import org.caprl.core.data.file.ColumnType.Scalar;
import org.caprl.core.data.file.ColumnType.Struct;

/**
 * The columns of a Parquet file, against the layout of the published CapRL-QA-75K: {@code image} with {@code bytes} and {@code path}, or
 * a list of such; {@code prompt}, {@code data_source}, {@code reward_model.ground_truth}, {@code id}, {@code caption} and {@code facts}
 * where they are there. Other columns and fields are let be.
 */
final class ParquetSchema {
    /** The columns that have a meaning, apart from the image. */
    private static final Map<String, ColumnType> KNOWN = new LinkedHashMap<>();
    /** A list, or one text, or none where they stand in the question. */
    private static final String CHOICES = "choices";
    private static final Struct IMAGE = struct("bytes", BYTES, "path", TEXT);
    private static final Set<String> WHOLE_NUMBERS = Set.of("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
            "UBIGINT");
    /** Types that JSON has too, so that a value survives the way there and back. */
    private static final Set<String> JSON_TYPES = Set.of("VARCHAR", "BOOLEAN", "FLOAT", "DOUBLE", "TINYINT", "SMALLINT", "INTEGER",
            "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER");

    static {
        KNOWN.put("id", TEXT);
        KNOWN.put("prompt", new ListOf(struct("role", TEXT, "content", TEXT)));
        KNOWN.put("data_source", TEXT);
        KNOWN.put("reward_model", struct("ground_truth",
                new ListOf(struct("question", TEXT, CHOICES, new ListOf(TEXT), "answer", TEXT))));
        KNOWN.put("caption", TEXT);
        KNOWN.put("facts", new ListOf(TEXT));
    }

    private final Path file;
    private final SequencedMap<String, ColumnType> columns = new LinkedHashMap<>();
    /** Names of the fields that are null in every row; DuckDB gives them a type that the writer did not. */
    private final Set<String> empty = new HashSet<>();

    ParquetSchema(DuckDb db, Path file) {
        this.file = file;
        db.query(file, "DESCRIBE SELECT * EXCLUDE file_row_number FROM " + DuckDb.table(file),
                row -> columns.put(row.getString(1), ColumnType.parse(row.getString(2))));
        db.query(file, "SELECT name FROM parquet_schema(" + DuckDb.path(file) + ") WHERE logical_type = 'NullType()'",
                row -> empty.add(row.getString(1)));
    }

    SequencedMap<String, ColumnType> columns() {
        return columns;
    }

    boolean has(String column) {
        return columns.containsKey(column);
    }

    /** Whether a row may have several images. */
    boolean imagesAreLists() {
        return columns.get("image") instanceof ListOf;
    }

    /** Whether images may stand under a path, beside or instead of their bytes. */
    boolean imagesHavePaths() {
        ColumnType image = columns.get("image") instanceof ListOf(ColumnType element) ? element : columns.get("image");
        return image instanceof Struct(SequencedMap<String, ColumnType> fields) && fields.containsKey("path");
    }

    /** The columns that have a meaning, without the image. */
    List<String> known() {
        return KNOWN.keySet().stream().filter(columns::containsKey).toList();
    }

    /** All columns but the image. */
    List<String> others() {
        return columns.keySet().stream().filter(name -> !name.equals("image")).toList();
    }

    /** @throws InputException naming every column that rows can't be read from, its type and the expected one */
    void require(RowUse use) {
        List<String> problems = new ArrayList<>();
        ColumnType image = columns.get("image");
        if (image == null) {
            problems.add(missing("image", IMAGE));
        } else {
            compare("image", IMAGE, image instanceof ListOf(ColumnType element) ? element : image, problems);
        }
        KNOWN.forEach((name, expected) -> {
            boolean needed = use == RowUse.QUESTIONS && name.equals("reward_model") || use == RowUse.CAPTION && name.equals("caption");
            if (columns.containsKey(name)) {
                compare(name, expected, columns.get(name), problems);
            } else if (needed) {
                problems.add(missing(name, expected));
            }
        });
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems) + "\nwrite the columns so (the layout of CapRL-QA-75K); the file has "
                    + columns.entrySet().stream().map(c -> c.getKey() + " " + c.getValue()).collect(Collectors.joining(", ")));
        }
    }

    private String missing(String name, ColumnType expected) {
        return file + ": no column '" + name + "', expected of type " + expected;
    }

    private void compare(String path, ColumnType expected, ColumnType found, List<String> problems) {
        if (expected instanceof ListOf(ColumnType e) && found instanceof ListOf(ColumnType f)) {
            compare(path + "[]", e, f, problems);
        } else if (expected instanceof Struct e && found instanceof Struct f) {
            e.fields().forEach((name, type) -> {
                if (f.fields().containsKey(name)) {
                    compare(path + "." + name, type, f.fields().get(name), problems);
                } else if (!name.equals("path") && !name.equals(CHOICES)) {
                    problems.add(missing(path + "." + name, type));
                }
            });
        } else if (!expected.equals(found) && !fits(path, found)) {
            problems.add(file + ": column '" + path + "' has type " + found + ", expected " + expected);
        }
    }

    private boolean fits(String path, ColumnType found) {
        String name = path.substring(path.lastIndexOf('.') + 1).replace("[]", "");
        return path.equals("id") && found instanceof Scalar(String type) && WHOLE_NUMBERS.contains(type)
                || path.endsWith("." + CHOICES) && found.equals(TEXT)
                || path.endsWith(".ground_truth[]") && found.equals(new ListOf(TEXT))
                || found instanceof Scalar && empty.contains(name);
    }

    /** @throws InputException naming a column whose values JSON can't hold without loss */
    void requireJson() {
        others().forEach(name -> requireJson(name, columns.get(name)));
        ColumnType image = columns.get("image") instanceof ListOf(ColumnType element) ? element : columns.get("image");
        for (String field : ((Struct) image).fields().keySet()) {
            if (!IMAGE.fields().containsKey(field)) {
                throw new InputException(file + ": column 'image." + field
                        + "' has no place in JSON rows, where an image is a path; expected 'bytes' and "
                        + "'path' only: move it into a column of its own");
            }
        }
    }

    private void requireJson(String path, ColumnType type) {
        switch (type) {
            case ListOf(ColumnType element) -> requireJson(path + "[]", element);
            case Struct(SequencedMap<String, ColumnType> fields) -> fields.forEach((name, field) -> requireJson(path + "." + name, field));
            case Scalar(String name) -> {
                if (!JSON_TYPES.contains(name)) {
                    throw new InputException(file + ": column '" + path + "' has type " + name
                            + ", which JSON can't hold without loss; expected "
                            + "texts, numbers, true or false, and lists and structs of these: leave the column out, or make it a text");
                }
            }
        }
    }
}
