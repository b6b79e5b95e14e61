package org.caprl.core.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files and folders that a configuration names. */
public final class ConfigPaths {
    private ConfigPaths() {
    }

    /** By key, such as {@code policy.path}, in the order of the records; of lists, each with its index. */
    public static Map<String, Path> of(Record config) {
        Map<String, Path> paths = new LinkedHashMap<>();
        collect("", config, paths);
        return paths;
    }

    private static void collect(String key, Object value, Map<String, Path> paths) {
        switch (value) {
            case Path path -> paths.put(key, path);
            case Optional<?> maybe -> maybe.ifPresent(v -> collect(key, v, paths));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    collect(key + "[" + i + "]", list.get(i), paths);
                }
            }
            case Map<?, ?> map -> map.forEach((name, v) -> collect(key + "." + name, v, paths));
            case Record section -> ConfigKey.of(section.getClass())
                    .forEach(k -> collect(key.isEmpty() ? k.name() : key + "." + k.name(), k.valueIn(section), paths));
            case null, default -> {
                // No path.
            }
        }
    }
}
