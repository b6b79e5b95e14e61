package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** The type of a Parquet column, in DuckDB's notation: {@code STRUCT(question VARCHAR, choices VARCHAR[])[]}. */
sealed interface ColumnType {
    /** Text. */
    ColumnType TEXT = new Scalar("VARCHAR");
    /** Bytes. */
    ColumnType BYTES = new Scalar("BLOB");
    /** Of a value that is never there. */
    ColumnType NOTHING = new Scalar("NULL");

    /** A type without parts; also those that are not looked into, such as {@code MAP(VARCHAR, INTEGER)}. */
    record Scalar(String name) implements ColumnType {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A list. */
    record ListOf(ColumnType element) implements ColumnType {
        @Override
        public String toString() {
            return element + "[]";
        }
    }

    /** Named parts, in order. */
    record Struct(SequencedMap<String, ColumnType> fields) implements ColumnType {
        /** Keeps its own copy. */
        public Struct {
            fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
        }

        @Override
        public String toString() {
            return fields.entrySet().stream().map(f -> f.getKey() + " " + f.getValue()).collect(Collectors.joining(", ", "STRUCT(", ")"));
        }
    }

    /** A struct of name, type, name, type …. */
    static Struct struct(Object... namesAndTypes) {
        SequencedMap<String, ColumnType> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            fields.put((String) namesAndTypes[i], (ColumnType) namesAndTypes[i + 1]);
        }
        return new Struct(fields);
    }

    /** Reads DuckDB's notation. */
    static ColumnType parse(String text) {
        return new ColumnTypeParser(text).whole();
    }

    /**
     * The type of a JSON value. Whole numbers are {@code BIGINT}, others {@code DOUBLE}.
     *
     * @throws IllegalArgumentException if Parquet has none for it; says where in the value
     */
    static ColumnType of(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> NOTHING;
            case STRING -> TEXT;
            case BOOLEAN -> new Scalar("BOOLEAN");
            case NUMBER -> number(value);
            case ARRAY -> {
                ColumnType element = NOTHING;
                for (JsonNode one : value) {
                    element = element.or(of(one));
                }
                yield new ListOf(element);
            }
            case OBJECT -> {
                if (value.isEmpty()) {
                    throw new IllegalArgumentException("an object without keys has no form in Parquet; leave it out, or write null");
                }
                SequencedMap<String, ColumnType> fields = new LinkedHashMap<>();
                value.properties().forEach(field -> {
                    try {
                        fields.put(field.getKey(), of(field.getValue()));
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException("'" + field.getKey() + "': " + e.getMessage(), e);
                    }
                });
                yield new Struct(requireDistinct(fields));
            }
            default -> throw new IllegalArgumentException("a " + value.getNodeType() + " has no form in Parquet");
        };
    }

    private static ColumnType number(JsonNode value) {
        if (value.isIntegralNumber()) {
            if (!value.canConvertToLong()) {
                throw new IllegalArgumentException("the number " + value + " is outside of 64 bits; write it as a text");
            }
            return new Scalar("BIGINT");
        }
        if (!Double.isFinite(value.doubleValue())) {
            throw new IllegalArgumentException("the number " + value + " is too large for a double; write it as a text");
        }
        return new Scalar("DOUBLE");
    }

    /** Column and field names are the same to DuckDB whatever their case. */
    private static SequencedMap<String, ColumnType> requireDistinct(SequencedMap<String, ColumnType> fields) {
        Map<String, String> seen = new LinkedHashMap<>();
        fields.keySet().forEach(name -> {
            String other = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                throw new IllegalArgumentException("keys '" + other + "' and '" + name + "' differ only in their case; rename one");
            }
        });
        return fields;
    }

    /**
     * The least type that holds values of both.
     *
     * @throws IllegalArgumentException if there is none; says where in the value
     */
    default ColumnType or(ColumnType other) {
        if (equals(NOTHING) || equals(other)) {
            return other;
        }
        if (other.equals(NOTHING)) {
            return this;
        }
        if (this instanceof ListOf(ColumnType a) && other instanceof ListOf(ColumnType b)) {
            return new ListOf(a.or(b));
        }
        if (this instanceof Struct(SequencedMap<String, ColumnType> a) && other instanceof Struct(SequencedMap<String, ColumnType> b)) {
            SequencedMap<String, ColumnType> fields = new LinkedHashMap<>(a);
            b.forEach((name, type) -> {
                try {
                    fields.merge(name, type, ColumnType::or);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("'" + name + "': " + e.getMessage(), e);
                }
            });
            return new Struct(requireDistinct(fields));
        }
        if (this instanceof Scalar(String a) && other instanceof Scalar(String b) && isNumber(a) && isNumber(b)) {
            return new Scalar("DOUBLE");
        }
        throw new IllegalArgumentException("is " + other + " here and " + this + " in rows before; give it one type");
    }

    private static boolean isNumber(String scalar) {
        return scalar.equals("BIGINT") || scalar.equals("DOUBLE");
    }

    /** The structure that {@code json_transform_strict} makes values of. What was never there becomes text. */
    default JsonNode structure() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (this) {
            case Scalar(String name) -> json.textNode(equals(NOTHING) ? "VARCHAR" : name);
            case ListOf(ColumnType element) -> json.arrayNode().add(element.structure());
            case Struct(SequencedMap<String, ColumnType> fields) -> {
                ObjectNode node = json.objectNode();
                fields.forEach((name, type) -> node.set(name, type.structure()));
                yield node;
            }
        };
    }

    /** A JSON value of this type in which every key of {@link #structure} is there, null where it was not. */
    default JsonNode complete(JsonNode value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (this) {
            case ListOf(ColumnType element) when value.isArray() -> {
                ArrayNode list = json.arrayNode();
                value.forEach(one -> list.add(element.complete(one)));
                yield list;
            }
            case Struct(SequencedMap<String, ColumnType> fields) when value.isObject() -> {
                ObjectNode object = json.objectNode();
                fields.forEach((name, type) -> object.set(name, type.complete(value.path(name))));
                yield object;
            }
            default -> value.isMissingNode() ? json.nullNode() : value;
        };
    }
}
