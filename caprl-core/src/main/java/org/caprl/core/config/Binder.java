package org.caprl.core.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.caprl.core.NearestNames;

/** Turns YAML into records. A value that is wrong becomes a problem and {@code null}; a record with such a part is not made. */
final class Binder {
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private final Path configFolder;
    private final Class<? extends Record> rootType;
    private final Problems problems;
    private final boolean filesHere;

    /** @param configFolder where paths in the file are looked up first; null for none */
    Binder(Class<? extends Record> rootType, Path configFolder, Problems problems) {
        this(rootType, configFolder, problems, true);
    }

    /** @param filesHere whether files that must exist are looked for */
    Binder(Class<? extends Record> rootType, Path configFolder, Problems problems, boolean filesHere) {
        this.rootType = rootType;
        this.configFolder = configFolder;
        this.problems = problems;
        this.filesHere = filesHere;
    }

    /** The record, or null after a problem. */
    <T extends Record> T section(Class<T> type, Yaml.Mapping mapping, String path) {
        List<ConfigKey> keys = ConfigKey.of(type);
        int before = problems.list().size();
        List<String> names = keys.stream().map(ConfigKey::name).toList();
        mapping.values().keySet().stream().filter(k -> !names.contains(k))
                .forEach(k -> problems.add(mapping.keyWhere().get(k), join(path, k), unknown(k, names)));
        Object[] values = keys.stream().map(key -> component(key, mapping, join(path, key.name()))).toArray();
        return problems.list().size() > before ? null : construct(type, values, mapping.where(), path);
    }

    private Object component(ConfigKey key, Yaml.Mapping mapping, String path) {
        Yaml given = mapping.values().get(key.name());
        if (given != null) {
            return value(key, key.type(), given, path);
        }
        if (key.defaultValue().isPresent()) {
            return defaultValue(key, path);
        }
        return switch (key.type()) {
            case ValueType.Maybe _ -> Optional.empty();
            case ValueType.Section s -> section(s.type(), Yaml.Mapping.empty(mapping.where()), path);
            default -> {
                problems.add(mapping.where(), path, "missing; expected " + key.expected() + " (" + key.key().doc() + ")");
                yield null;
            }
        };
    }

    /** A default that does not fit its own key is a mistake of the record's author, not of the user. */
    private Object defaultValue(ConfigKey key, String path) {
        Problems own = new Problems();
        Yaml yaml = Yaml.parse(key.defaultValue().orElseThrow(), _ -> "default", own);
        Object value = new Binder(rootType, null, own).value(key, key.type(), yaml, path);
        if (!own.isEmpty()) {
            throw new IllegalStateException("the default of " + key.component() + " is wrong: " + own.list());
        }
        return value;
    }

    private Object value(ConfigKey key, ValueType type, Yaml yaml, String path) {
        if (type instanceof ValueType.Maybe maybe) {
            return isNull(yaml) ? Optional.empty() : Optional.ofNullable(value(key, maybe.element(), yaml, path));
        }
        if (type instanceof ValueType.Section s && (yaml instanceof Yaml.Mapping || isNull(yaml))) {
            return section(s.type(), yaml instanceof Yaml.Mapping m ? m : Yaml.Mapping.empty(yaml.where()), path);
        }
        if (type instanceof ValueType.ListOf list && yaml instanceof Yaml.Sequence s) {
            List<Object> items = new ArrayList<>();
            for (int i = 0; i < s.items().size(); i++) {
                items.add(value(key, list.element(), s.items().get(i), path + "[" + i + "]"));
            }
            return Collections.unmodifiableList(items);
        }
        if (type instanceof ValueType.MapOf map && yaml instanceof Yaml.Mapping m) {
            Map<String, Object> entries = new TreeMap<>();
            m.values().forEach((name, v) -> entries.put(name, value(key, map.element(), v, join(path, name))));
            return Collections.unmodifiableMap(entries);
        }
        if (yaml instanceof Yaml.Scalar scalar && !scalar.isNull()) {
            Object value = scalar(key, type, scalar, path);
            if (value != null) {
                return value;
            }
        }
        problems.add(yaml.where(), path, "found " + yaml.shown() + ", expected " + key.expected(type) + suggestion(key, type, yaml));
        return null;
    }

    /** The value, or null if the text is none of this type, or out of range. */
    private Object scalar(ConfigKey key, ValueType type, Yaml.Scalar scalar, String path) {
        String text = scalar.text();
        try {
            return switch (type) {
                case ValueType.Whole _, ValueType.Decimal _, ValueType.Switch _ when scalar.quoted() -> null;
                case ValueType.Decimal _ when !NUMBER.matcher(text).matches() -> null;
                case ValueType.Whole w when text.equals(key.key().zero()) -> w.isLong() ? (Object) 0L : (Object) 0;
                case ValueType.Whole w -> {
                    long value = Long.parseLong(text.replace("_", ""));
                    yield !key.allows(value) ? null : w.isLong() ? (Object) value : (Object) Math.toIntExact(value);
                }
                case ValueType.Decimal d -> {
                    double value = Double.parseDouble(text);
                    yield !key.allows(value) ? null : d.isDouble() ? (Object) value : (Object) finite((float) value);
                }
                case ValueType.Switch _ -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
                case ValueType.Text _ -> key.key().choices().length == 0 || List.of(key.key().choices()).contains(text) ? text : null;
                case ValueType.FilePath _ -> path(key, scalar);
                case ValueType.Choice c -> Arrays.stream(c.type().getEnumConstants())
                        .filter(constant -> ValueType.Choice.nameOf(constant).equals(text)).findFirst().orElse(null);
                default -> null;
            };
        } catch (NumberFormatException | ArithmeticException | InvalidPathException e) {
            return null;
        }
    }

    private static Float finite(float value) {
        return Float.isFinite(value) ? value : null;
    }

    private Path path(ConfigKey key, Yaml.Scalar scalar) {
        Path given = Path.of(scalar.text());
        boolean fromFile = configFolder != null && !scalar.where().startsWith(Overrides.COMMAND_LINE);
        Path beside = fromFile ? configFolder.resolve(given).normalize() : given;
        Path path = Files.exists(beside) ? beside : given;
        return key.mustExist() && filesHere && !Files.exists(path) ? null : path;
    }

    private String suggestion(ConfigKey key, ValueType type, Yaml yaml) {
        if (type instanceof ValueType.FilePath && key.mustExist() && yaml instanceof Yaml.Scalar s && !s.isNull()) {
            boolean fromFile = configFolder != null && !s.where().startsWith(Overrides.COMMAND_LINE);
            return "; looked in " + (fromFile ? configFolder.toAbsolutePath().normalize() + " and " : "") + Path.of("").toAbsolutePath();
        }
        List<String> valid = type instanceof ValueType.Choice c ? c.names() : List.of(key.key().choices());
        return yaml instanceof Yaml.Scalar s ? didYouMean(NearestNames.of(s.text(), valid, 1)) : "";
    }

    /** The nearest key of the same section, or the places where a key of just this name exists. */
    private String unknown(String name, List<String> siblings) {
        List<String> near = NearestNames.of(name, siblings, 1);
        if (near.isEmpty()) {
            near = ConfigDocs.keys(rootType).stream().map(ConfigDocs.Row::path).filter(p -> p.endsWith("." + name)).limit(3).toList();
        }
        return "unknown key" + (near.isEmpty() ? "; the keys here are " + String.join(", ", siblings) : didYouMean(near));
    }

    private static String didYouMean(List<String> near) {
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    private <T extends Record> T construct(Class<T> type, Object[] values, String where, String path) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                problems.add(where, path, refused.getMessage());
                return null;
            }
            throw new IllegalStateException("cannot make " + type, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + type, e);
        }
    }

    private static boolean isNull(Yaml yaml) {
        return yaml instanceof Yaml.Scalar s && s.isNull();
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
