package org.caprl.core.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The kinds of value that a key can have, found from the Java type of its record component. */
sealed interface ValueType {
    /** {@code int} or {@code long}, boxed or not. */
    record Whole(boolean isLong) implements ValueType {
    }

    /** {@code float} or {@code double}, boxed or not. */
    record Decimal(boolean isDouble) implements ValueType {
    }

    /** {@code boolean}. */
    record Switch() implements ValueType {
    }

    /** {@code String}. */
    record Text() implements ValueType {
    }

    /** {@link Path}. */
    record FilePath() implements ValueType {
    }

    /** An enum, its constants in lower case. */
    record Choice(Class<?> type) implements ValueType {
        List<String> names() {
            return Arrays.stream(type.getEnumConstants()).map(Choice::nameOf).toList();
        }

        static String nameOf(Object constant) {
            return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
        }
    }

    /** A nested record. */
    record Section(Class<? extends Record> type) implements ValueType {
    }

    /** {@code List}. */
    record ListOf(ValueType element) implements ValueType {
    }

    /** {@code Map} from {@code String}. */
    record MapOf(ValueType element) implements ValueType {
    }

    /** {@code Optional}: may be left out, or be {@code null}. */
    record Maybe(ValueType element) implements ValueType {
    }

    /**
     * The kind for a Java type.
     *
     * @throws IllegalStateException if configuration records may not have components of this type
     */
    static ValueType of(Type type, String component) {
        if (type instanceof ParameterizedType p) {
            Type[] arguments = p.getActualTypeArguments();
            if (p.getRawType() == List.class) {
                return new ListOf(of(arguments[0], component));
            }
            if (p.getRawType() == Map.class && arguments[0] == String.class) {
                return new MapOf(of(arguments[1], component));
            }
            if (p.getRawType() == Optional.class) {
                return new Maybe(of(arguments[0], component));
            }
        } else if (type instanceof Class<?> c) {
            if (c == int.class || c == Integer.class || c == long.class || c == Long.class) {
                return new Whole(c == long.class || c == Long.class);
            }
            if (c == float.class || c == Float.class || c == double.class || c == Double.class) {
                return new Decimal(c == double.class || c == Double.class);
            }
            if (c == boolean.class || c == Boolean.class) {
                return new Switch();
            }
            if (c == String.class) {
                return new Text();
            }
            if (c == Path.class) {
                return new FilePath();
            }
            if (c.isEnum()) {
                return new Choice(c);
            }
            if (c.isRecord()) {
                return new Section(c.asSubclass(Record.class));
            }
        }
        throw new IllegalStateException(component + " has type " + type.getTypeName() + ", which configuration records do not support");
    }
}
