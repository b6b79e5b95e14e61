package org.caprl.core.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The documentation of a configuration, read from the annotations of its records. */
public final class ConfigDocs {
    private ConfigDocs() {
    }

    /**
     * One key.
     *
     * @param path         such as {@code trainer.loss.clip_low}; {@code []} and {@code .NAME} stand for list items and map entries
     * @param type         the kind of value
     * @param range        bounds in words, or empty
     * @param defaultValue as YAML text, {@code required}, or empty for sections and optional keys
     * @param doc          the meaning
     */
    public record Row(String path, String type, String range, String defaultValue, String doc) {
    }

    /**
     * Every key with its sections, in the order of the records.
     *
     * @throws IllegalStateException if a component is not documented or of an unsupported type
     */
    public static List<Row> keys(Class<? extends Record> type) {
        List<Row> rows = new ArrayList<>();
        collect(type, "", rows);
        return rows;
    }

    private static void collect(Class<? extends Record> type, String prefix, List<Row> rows) {
        for (ConfigKey key : ConfigKey.of(type)) {
            String path = prefix + key.name();
            boolean leaf = !(key.type() instanceof ValueType.Section);
            String unset = leaf && key.required() ? "required" : "";
            rows.add(new Row(path, key.typeName(), key.range(), key.defaultValue().orElse(unset), key.key().doc()));
            inside(key.type(), path).ifPresent(section -> collect(section.type(), section.prefix(), rows));
        }
    }

    private record Inside(Class<? extends Record> type, String prefix) {
    }

    private static Optional<Inside> inside(ValueType type, String path) {
        return switch (type) {
            case ValueType.Section s -> Optional.of(new Inside(s.type(), path + "."));
            case ValueType.Maybe m -> inside(m.element(), path);
            case ValueType.ListOf l -> inside(l.element(), path + "[]");
            case ValueType.MapOf m -> inside(m.element(), path + ".NAME");
            default -> Optional.empty();
        };
    }

    /** A Markdown table of {@link #keys}. */
    public static String markdown(Class<? extends Record> type) {
        StringBuilder table = new StringBuilder("| key | type | range | default | meaning |\n|---|---|---|---|---|\n");
        for (Row row : keys(type)) {
            String value = row.defaultValue();
            table.append("| `").append(row.path()).append("` | ").append(cell(row.type())).append(" | ").append(row.range()).append(" | ")
                    .append(value.isEmpty() || value.equals("required") ? value : "`" + cell(value) + "`")
                    .append(" | ").append(cell(row.doc())).append(" |\n");
        }
        return table.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
