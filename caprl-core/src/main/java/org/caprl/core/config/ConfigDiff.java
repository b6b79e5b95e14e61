package org.caprl.core.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.caprl.core.InputException;

/** Which keys differ between two resolved configurations, for a run that is started again under its name. */
public final class ConfigDiff {
    private static final String ABSENT = "(absent)";

    private ConfigDiff() {
    }

    /** One key whose values differ, as YAML text; {@code (absent)} where one side does not have it. */
    public record Difference(String path, String before, String after) {
        @Override
        public String toString() {
            return path + ": " + before + " -> " + after;
        }
    }

    /** The differences of two configurations, sorted by key. */
    public static List<Difference> between(Record before, Record after) {
        return between(ConfigWriter.yaml(before), ConfigWriter.yaml(after));
    }

    /**
     * The differences of two texts of {@link ConfigWriter}, sorted by key. Texts are compared and not records, so that the file of a
     * run can be compared although keys were added since, or files that it names have moved.
     *
     * @throws InputException if a text is not YAML
     */
    public static List<Difference> between(String before, String after) {
        Map<String, String> a = leaves(before, "the configuration before");
        Map<String, String> b = leaves(after, "the configuration after");
        TreeSet<String> paths = new TreeSet<>(a.keySet());
        paths.addAll(b.keySet());
        return paths.stream()
                .filter(p -> !Objects.equals(a.get(p), b.get(p)))
                .map(p -> new Difference(p, a.getOrDefault(p, ABSENT), b.getOrDefault(p, ABSENT)))
                .toList();
    }

    private static Map<String, String> leaves(String text, String name) {
        Problems problems = new Problems();
        Yaml root = Yaml.parse(text, line -> name + ":" + line, problems);
        problems.throwIfAny(name);
        Map<String, String> leaves = new TreeMap<>();
        collect(root, "", leaves);
        return leaves;
    }

    private static void collect(Yaml yaml, String path, Map<String, String> leaves) {
        if (yaml instanceof Yaml.Mapping m && !m.values().isEmpty()) {
            m.values().forEach((name, value) -> collect(value, path.isEmpty() ? name : path + "." + name, leaves));
        } else {
            leaves.put(path, shown(yaml));
        }
    }

    private static String shown(Yaml yaml) {
        return switch (yaml) {
            case Yaml.Scalar s -> s.isNull() ? "null" : s.text();
            case Yaml.Sequence s -> s.items().stream().map(ConfigDiff::shown).collect(Collectors.joining(", ", "[", "]"));
            case Yaml.Mapping m -> m.values().entrySet().stream().map(e -> e.getKey() + ": " + shown(e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        };
    }
}
