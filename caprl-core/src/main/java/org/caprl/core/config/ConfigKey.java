package org.caprl.core.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * One component of a configuration record, seen as a key.
 *
 * @param name      in snake_case
 * @param type      the kind of value
 * @param key       meaning, default and bounds
 * @param mustExist whether the path must name an existing file
 * @param component where the value lives
 */
record ConfigKey(String name, ValueType type, Key key, boolean mustExist, RecordComponent component) {

    /**
     * The keys of a record, in its order.
     *
     * @throws IllegalStateException if a component has no {@link Key}, an empty doc, or an unsupported type
     */
    static List<ConfigKey> of(Class<? extends Record> section) {
        return Arrays.stream(section.getRecordComponents()).map(c -> of(section, c)).toList();
    }

    private static ConfigKey of(Class<? extends Record> section, RecordComponent component) {
        String where = section.getSimpleName() + "." + component.getName();
        Key key = component.getAnnotation(Key.class);
        if (key == null || key.doc().isBlank()) {
            throw new IllegalStateException(where + " has no @Key(doc = …): every configuration key is documented");
        }
        String name = key.name().isEmpty() ? snakeCase(component.getName()) : key.name();
        return new ConfigKey(name, ValueType.of(component.getGenericType(), where), key, component.isAnnotationPresent(FileMustExist.class),
                component);
    }

    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** The default as YAML text, if there is one. */
    Optional<String> defaultValue() {
        return key.defaultValue().equals(Key.NONE) ? Optional.empty() : Optional.of(key.defaultValue());
    }

    /** True when the file or the command line must give this key, or a key inside this section. */
    boolean required() {
        return switch (type) {
            case ValueType.Maybe _ -> false;
            case ValueType.Section s -> of(s.type()).stream().anyMatch(ConfigKey::required);
            default -> defaultValue().isEmpty();
        };
    }

    /** This component's value in a record. */
    Object valueIn(Record section) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(section);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    /** What is expected, in words: {@code a whole number from 1 to 8}. */
    String expected() {
        return expected(type);
    }

    /** What is expected of a part, such as a list's item. */
    String expected(ValueType t) {
        return switch (t) {
            case ValueType.Whole _ -> withRange("a whole number") + (key.zero().isEmpty() ? "" : ", or " + key.zero());
            case ValueType.Decimal _ -> withRange("a number");
            case ValueType.Switch _ -> "true or false";
            case ValueType.Text _ -> key.choices().length > 0 ? "one of " + String.join(", ", key.choices()) : "text";
            case ValueType.FilePath _ -> mustExist ? "the path of an existing file or folder" : "a path";
            case ValueType.Choice c -> "one of " + String.join(", ", c.names());
            case ValueType.Section _ -> "a section of keys";
            case ValueType.ListOf l -> "a list, each " + expected(l.element());
            case ValueType.MapOf m -> "names, each with " + expected(m.element());
            case ValueType.Maybe m -> expected(m.element()) + ", or null";
        };
    }

    private String withRange(String what) {
        return range().isEmpty() ? what : what + " " + range();
    }

    /** The kind of value in a word or two, for tables. */
    String typeName() {
        return typeName(type);
    }

    private String typeName(ValueType t) {
        return switch (t) {
            case ValueType.Whole _ -> "whole number" + (key.zero().isEmpty() ? "" : " or " + key.zero());
            case ValueType.Decimal _ -> "number";
            case ValueType.Switch _ -> "true or false";
            case ValueType.Text _ -> key.choices().length > 0 ? String.join(", ", key.choices()) : "text";
            case ValueType.FilePath _ -> mustExist ? "existing path" : "path";
            case ValueType.Choice c -> String.join(", ", c.names());
            case ValueType.Section _ -> "section";
            case ValueType.ListOf l -> "list (" + typeName(l.element()) + ")";
            case ValueType.MapOf m -> "map (" + typeName(m.element()) + ")";
            case ValueType.Maybe m -> typeName(m.element()) + ", optional";
        };
    }

    /** The bounds in words, or nothing. */
    String range() {
        StringJoiner bounds = new StringJoiner(" and ");
        if (Double.isFinite(key.min())) {
            bounds.add("at least " + plain(key.min()));
        }
        if (Double.isFinite(key.exclusiveMin())) {
            bounds.add("above " + plain(key.exclusiveMin()));
        }
        if (Double.isFinite(key.max())) {
            bounds.add("at most " + plain(key.max()));
        }
        if (Double.isFinite(key.exclusiveMax())) {
            bounds.add("below " + plain(key.exclusiveMax()));
        }
        return bounds.toString();
    }

    /** Within the bounds; false for NaN and infinities. */
    boolean allows(double value) {
        return Double.isFinite(value) && value >= key.min() && value <= key.max()
                && value > key.exclusiveMin() && value < key.exclusiveMax();
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }
}
