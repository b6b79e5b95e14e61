package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Jinja's filters that chat templates use. */
final class Filters {
    private Filters() {
    }

    static Object apply(Object value, String name, Given given) {
        return switch (name) {
            case "trim" -> Methods.call(Python.text(value), "strip", given.expect(1));
            case "length", "count" -> length(value);
            case "string" -> Python.text(value);
            case "upper" -> Python.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Python.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> Methods.capitalize(Python.text(value));
            case "title" -> Methods.title(Python.text(value));
            case "safe" -> value;
            case "int" -> integer(value, given.expect(1));
            case "replace" -> Python.text(value).replace(given.expect(2).string(0), given.string(1));
            case "default", "d" -> defaulted(value, given.expect(2, Set.of("default_value", "boolean")));
            case "first" -> value instanceof Undefined || Python.items(value).isEmpty()
                    ? new Undefined("the first item") : Python.items(value).getFirst();
            case "last" -> value instanceof Undefined || Python.items(value).isEmpty()
                    ? new Undefined("the last item") : Python.items(value).getLast();
            case "list" -> new ArrayList<>(Python.items(value));
            case "reverse" -> reversed(value);
            case "unique" -> unique(Python.items(value));
            case "join" -> join(value, given.expect(1, Set.of("d")));
            case "items" -> value instanceof Map<?, ?> ? Methods.call(value, "items", given) : List.of();
            case "dictsort" -> dictsort(value, given.expect(0));
            case "indent" -> indent(Python.text(value), given.expect(3, Set.of("width", "first", "blank")));
            case "tojson" -> json(value, given.expect(1, Set.of("indent")));
            case "map" -> map(value, given);
            case "select", "reject" -> selected(value, given, name.equals("select"));
            case "selectattr", "rejectattr" -> selectedByAttribute(value, given, name.equals("selectattr"));
            default -> throw new Fault("the filter '" + name + "' is not supported");
        };
    }

    private static long length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case Undefined u -> 0;
            case null, default -> throw new Fault("length does not apply to " + Python.kind(value));
        };
    }

    private static Object integer(Object value, Given given) {
        return switch (value) {
            case Long number -> number;
            case Double number -> number.longValue();
            case Boolean flag -> flag ? 1L : 0L;
            case String text when text.strip().matches("[+-]?\\d+") -> Long.parseLong(text.strip());
            case null, default -> given.has(0) ? given.get(0) : (Object) 0L;
        };
    }

    private static Object defaulted(Object value, Given given) {
        boolean byTruth = Python.truth(given.get(1, "boolean", false));
        boolean missing = value instanceof Undefined || byTruth && !Python.truth(value);
        return missing ? given.get(0, "default_value", "") : value;
    }

    private static Object reversed(Object value) {
        if (value instanceof String text) {
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> reversed = new ArrayList<>(Python.items(value));
        Collections.reverse(reversed);
        return reversed;
    }

    private static List<Object> unique(List<?> items) {
        List<Object> unique = new ArrayList<>();
        for (Object item : items) {
            if (!Python.contains(unique, item)) {
                unique.add(item);
            }
        }
        return unique;
    }

    private static String join(Object value, Given given) {
        String separator = Python.text(given.get(0, "d", ""));
        return Python.items(value).stream().map(Python::text).collect(Collectors.joining(separator));
    }

    private static List<?> dictsort(Object value, Given given) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new Fault(given.of() + " needs a dictionary, got " + Python.kind(value));
        }
        return map.entrySet().stream()
                .sorted((a, b) -> Python.text(a.getKey()).compareToIgnoreCase(Python.text(b.getKey())))
                .map(e -> Arrays.asList(e.getKey(), e.getValue())).toList();
    }

    private static String indent(String text, Given given) {
        Object width = given.get(0, "width", 4L);
        String prefix = width instanceof String custom ? custom : " ".repeat((int) given.integer(width));
        boolean first = Python.truth(given.get(1, "first", false));
        boolean blank = Python.truth(given.get(2, "blank", false));
        String[] lines = text.split("\n", -1);
        for (int i = first ? 0 : 1; i < lines.length; i++) {
            if (blank || !lines[i].isEmpty()) {
                lines[i] = prefix + lines[i];
            }
        }
        return String.join("\n", lines);
    }

    private static String json(Object value, Given given) {
        Object indent = given.get(0, "indent", null);
        return Json.dumps(value, indent == null ? -1 : (int) given.integer(indent));
    }

    private static List<Object> map(Object value, Given given) {
        List<Object> mapped = new ArrayList<>();
        for (Object item : Python.items(value)) {
            if (given.named().containsKey("attribute")) {
                mapped.add(Evaluator.path(item, given.string(given.named().get("attribute")), given.named().get("default")));
            } else {
                List<Object> rest = given.positional().subList(1, given.positional().size());
                mapped.add(apply(item, given.string(0), new Given("filter '" + given.string(0) + "'", rest, given.named())));
            }
        }
        return mapped;
    }

    private static List<Object> selected(Object value, Given given, boolean keep) {
        List<Object> selected = new ArrayList<>();
        for (Object item : Python.items(value)) {
            boolean holds = given.has(0) ? holds(item, given, 0) : Python.truth(item);
            if (holds == keep) {
                selected.add(item);
            }
        }
        return selected;
    }

    private static List<Object> selectedByAttribute(Object value, Given given, boolean keep) {
        List<Object> selected = new ArrayList<>();
        for (Object item : Python.items(value)) {
            Object attribute = Evaluator.path(item, given.string(0), null);
            boolean holds = given.has(1) ? holds(attribute, given, 1) : Python.truth(attribute);
            if (holds == keep) {
                selected.add(item);
            }
        }
        return selected;
    }

    private static boolean holds(Object value, Given given, int test) {
        String name = given.string(test);
        List<Object> rest = given.positional().subList(test + 1, given.positional().size());
        return Tests.holds(value, name, new Given("test '" + name + "'", rest, Map.of()));
    }
}
