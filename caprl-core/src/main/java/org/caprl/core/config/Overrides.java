package org.caprl.core.config;

import java.util.List;
import java.util.regex.Pattern;

/** Puts {@code a.b.c=value} of the command line into a configuration, over what the file says; values are YAML. */
final class Overrides {
    static final String COMMAND_LINE = "command line: ";
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

    private Overrides() {
    }

    static void apply(Yaml.Mapping root, List<String> overrides, Problems problems) {
        for (String override : overrides) {
            String where = COMMAND_LINE + override;
            int equals = override.indexOf('=');
            if (equals < 0 || !KEY.matcher(override.substring(0, equals)).matches()) {
                problems.add(where, "", "expected key=value with the full path of the key, such as trainer.lr=1e-5");
                continue;
            }
            List<String> path = List.of(override.substring(0, equals).split("\\."));
            String value = override.substring(equals + 1);
            // Empty text has no YAML node of its own: it is the value null.
            Yaml parsed = value.isBlank() ? new Yaml.Scalar("", false, where) : Yaml.parse(value, _ -> where, problems);
            if (parsed == null) {
                continue;
            }
            Yaml.Mapping section = root;
            for (String name : path.subList(0, path.size() - 1)) {
                if (section.values().get(name) instanceof Yaml.Mapping inner) {
                    section = inner;
                } else {
                    Yaml.Mapping inner = Yaml.Mapping.empty(where);
                    section.put(name, inner, where);
                    section = inner;
                }
            }
            section.put(path.getLast(), parsed, where);
        }
    }
}
