package org.caprl.core.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes a configuration as it was resolved: every key, in the order of the records, with its value. The text is canonical: equal
 * records give equal texts, and reading a text back gives an equal record.
 */
public final class ConfigWriter {
    /** Texts that mean themselves in every version of YAML, also inside a flow list. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_./][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*");
    private static final Pattern DOT_NUMBER = Pattern.compile("\\.(?i:inf|nan|[0-9].*)");
    private static final Set<String> RESERVED = Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

    private final StringBuilder out = new StringBuilder();
    private final boolean absolute;

    private ConfigWriter(boolean absolute) {
        this.absolute = absolute;
    }

    /** The configuration as YAML. */
    public static String yaml(Record config) {
        return new ConfigWriter(false).written(config);
    }

    /** The configuration as YAML for another process: paths are absolute, also texts that are files ({@link Key#mayBeFile}). */
    public static String portable(Record config) {
        return new ConfigWriter(true).written(config);
    }

    private String written(Record config) {
        section(config, "");
        return out.toString();
    }

    private void section(Record section, String indent) {
        for (ConfigKey key : ConfigKey.of(section.getClass())) {
            out.append(indent).append(key.name()).append(':');
            Object value = key.valueIn(section);
            if (absolute && key.key().mayBeFile() && value instanceof String name && Files.isRegularFile(Path.of(name))) {
                value = Path.of(name);
            }
            boolean zero = !key.key().zero().isEmpty() && value instanceof Number n && n.longValue() == 0;
            value(zero ? key.key().zero() : value, indent + "  ");
        }
    }

    /** What follows a colon or a dash: a space and a word, or deeper lines. */
    private void value(Object value, String indent) {
        switch (value) {
            case Optional<?> o when o.isEmpty() -> out.append(" null\n");
            case Optional<?> o -> value(o.get(), indent);
            case Record r -> {
                out.append('\n');
                section(r, indent);
            }
            case Map<?, ?> m when !m.isEmpty() -> {
                out.append('\n');
                new TreeMap<>(m).forEach((k, v) -> {
                    out.append(indent).append(text(k.toString())).append(':');
                    value(v, indent + "  ");
                });
            }
            case List<?> l when l.stream().anyMatch(ConfigWriter::isDeep) -> {
                out.append('\n');
                l.forEach(item -> {
                    out.append(indent).append('-');
                    value(item, indent + "  ");
                });
            }
            case Collection<?> l -> out.append(l.stream().map(this::word).collect(Collectors.joining(", ", " [", "]\n")));
            case Map<?, ?> _ -> out.append(" {}\n");
            default -> out.append(' ').append(word(value)).append('\n');
        }
    }

    private static boolean isDeep(Object item) {
        return item instanceof Record || item instanceof Map || item instanceof Collection || item instanceof Optional;
    }

    private String word(Object value) {
        return switch (value) {
            case Double d -> number(d.toString());
            case Float f -> number(f.toString());
            case Integer i -> i.toString();
            case Long l -> l.toString();
            case Boolean b -> b.toString();
            case Enum<?> e -> text(ValueType.Choice.nameOf(e));
            case Path p -> text((absolute ? p.toAbsolutePath().normalize() : p).toString());
            case String s -> text(s);
            default -> throw new IllegalArgumentException("no YAML for " + value.getClass());
        };
    }

    /** With the sign in the exponent that YAML 1.1 asks for: {@code 1.0e-5}, {@code 1.0e+9}. */
    private static String number(String java) {
        return java.toLowerCase(Locale.ROOT).replaceAll("e(\\d)", "e+$1");
    }

    private static String text(String s) {
        boolean plain = PLAIN.matcher(s).matches() && !RESERVED.contains(s.toLowerCase(Locale.ROOT)) && !DOT_NUMBER.matcher(s).matches();
        return plain ? s : quoted(s);
    }

    private static String quoted(String s) {
        StringBuilder out = new StringBuilder("\"");
        s.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
            } else if (c >= ' ' && c < 0x7f || Character.isLetterOrDigit(c)) {
                out.appendCodePoint(c);
            } else {
                out.append("\\U%08x".formatted(c));
            }
        });
        return out.append('"').toString();
    }
}
