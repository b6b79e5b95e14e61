package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The methods of Python's strings and dictionaries that chat templates call. */
final class Methods {
    private Methods() {
    }

    static Object call(Object target, String name, Given given) {
        return switch (target) {
            case String text -> onString(text, name, given);
            case Map<?, ?> map -> onMap(map, name, given);
            default -> throw new Fault(Python.kind(target) + " has no method '" + name + "'");
        };
    }

    /** Whether {@code map.name} is a method rather than an entry. */
    static boolean isMapMethod(String name) {
        return switch (name) {
            case "items", "keys", "values", "get" -> true;
            default -> false;
        };
    }

    private static Object onMap(Map<?, ?> map, String name, Given given) {
        return switch (name) {
            case "items" -> map.entrySet().stream().map(e -> Arrays.asList(e.getKey(), e.getValue())).toList();
            case "keys" -> new ArrayList<>(map.keySet());
            case "values" -> new ArrayList<>(map.values());
            case "get" -> {
                Object key = given.expect(2).get(0);
                yield map.containsKey(key) ? map.get(key) : given.has(1) ? given.get(1) : null;
            }
            default -> throw new Fault("the dictionary method '" + name + "' is not supported");
        };
    }

    private static Object onString(String text, String name, Given given) {
        return switch (name) {
            case "startswith" -> text.startsWith(given.expect(1).string(0));
            case "endswith" -> text.endsWith(given.expect(1).string(0));
            case "strip" -> strip(text, given, true, true);
            case "lstrip" -> strip(text, given, true, false);
            case "rstrip" -> strip(text, given, false, true);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalize(text);
            case "title" -> title(text);
            case "replace" -> text.replace(given.expect(2).string(0), given.string(1));
            case "split" -> split(text, given.expect(2));
            case "find" -> (long) text.indexOf(given.expect(1).string(0));
            case "count" -> count(text, given.expect(1).string(0));
            case "join" -> Python.items(given.expect(1).get(0)).stream().map(given::string).collect(Collectors.joining(text));
            default -> throw new Fault("the string method '" + name + "' is not supported");
        };
    }

    private static String strip(String text, Given given, boolean left, boolean right) {
        given.expect(1);
        IntPredicate cut = given.has(0) && given.get(0) != null
                ? c -> given.string(0).indexOf(c) >= 0
                : Python::isSpace;
        return strip(text, cut, left, right);
    }

    static String strip(String text, IntPredicate cut, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && cut.test(text.charAt(start))) {
            start++;
        }
        while (right && end > start && cut.test(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    static String capitalize(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT)
                + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        StringBuilder title = new StringBuilder(text.length());
        boolean inWord = false;
        for (char c : text.toCharArray()) {
            title.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return title.toString();
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return text.length() + 1L;
        }
        long count = 0;
        for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    private static List<String> split(String text, Given given) {
        long limit = given.has(1) ? given.integer(given.get(1)) : -1;
        List<String> parts = new ArrayList<>();
        if (!given.has(0) || given.get(0) == null) {
            if (limit >= 0) {
                throw new Fault("split by white space with a limit is not supported");
            }
            for (String part : text.strip().split("\\s+")) {
                if (!part.isEmpty()) {
                    parts.add(part);
                }
            }
            return parts;
        }
        String separator = given.string(0);
        if (separator.isEmpty()) {
            throw new Fault("split needs a separator that is not empty");
        }
        int start = 0;
        for (int i = text.indexOf(separator); i >= 0 && (limit < 0 || parts.size() < limit); i = text.indexOf(separator, start)) {
            parts.add(text.substring(start, i));
            start = i + separator.length();
        }
        parts.add(text.substring(start));
        return parts;
    }
}
