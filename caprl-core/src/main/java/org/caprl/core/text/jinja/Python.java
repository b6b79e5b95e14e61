package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's rules for truth, equality, order, membership and printing.
 *
 * <p>Values are null (None), {@link Undefined}, Boolean, Long, Double, String, List, Map, {@link Namespace} and {@link Function}.
 */
final class Python {
    private Python() {
    }

    /** Name of a value's kind for messages. */
    static String kind(Object value) {
        return switch (value) {
            case null -> "none";
            case Undefined u -> u.what() + " (undefined)";
            case Boolean b -> "a boolean";
            case Number n -> "a number";
            case String s -> "a string";
            case List<?> l -> "a list";
            case Map<?, ?> m -> "a dictionary";
            case Namespace n -> "a namespace";
            default -> "a function";
        };
    }

    /** What Python's strip and {@code isspace} take for white space. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Undefined u -> false;
            case Boolean b -> b;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case Collection<?> c -> !c.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            default -> true;
        };
    }

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double;
    }

    static boolean equal(Object left, Object right) {
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        Object a = left instanceof Boolean b ? (Object) (b ? 1L : 0L) : left;
        Object b = right instanceof Boolean r ? (Object) (r ? 1L : 0L) : right;
        if (isNumber(a) && isNumber(b)) {
            return ((Number) a).doubleValue() == ((Number) b).doubleValue();
        }
        return Objects.equals(a, b);
    }

    static int compare(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            return Double.compare(((Number) left).doubleValue(), ((Number) right).doubleValue());
        }
        if (left instanceof String a && right instanceof String b) {
            return a.compareTo(b);
        }
        throw new Fault("cannot compare " + kind(left) + " with " + kind(right));
    }

    static boolean contains(Object container, Object value) {
        return switch (container) {
            case String text when value instanceof String part -> text.contains(part);
            case List<?> list -> list.stream().anyMatch(item -> equal(item, value));
            case Map<?, ?> map -> map.containsKey(value);
            case Undefined u -> false;
            case null, default -> throw new Fault("cannot look for " + kind(value) + " in " + kind(container));
        };
    }

    /** The items that a loop or a list filter goes through: of a dictionary its keys, of a string its characters. */
    static List<?> items(Object value) {
        return switch (value) {
            case List<?> list -> list;
            case Map<?, ?> map -> List.copyOf(map.keySet());
            case String text -> text.codePoints().mapToObj(Character::toString).toList();
            case Undefined u -> List.of();
            case null, default -> throw new Fault("cannot go through " + kind(value));
        };
    }

    /** What {@code {{ value }}} prints. A list or dictionary is a fault: its Python form in a prompt is always a mistake. */
    static String text(Object value) {
        return switch (value) {
            case null -> "None";
            case Undefined u -> "";
            case Boolean b -> b ? "True" : "False";
            case String s -> s;
            case Long l -> l.toString();
            case Double d -> d == Math.rint(d) && Math.abs(d) < 1e16 ? String.valueOf(d) : d.toString().replace("E", "e");
            default -> throw new Fault("cannot print " + kind(value)
                    + "; a template made for plain text was given a message in parts, or 'tojson' is missing");
        };
    }

    static List<Object> slice(List<?> list, Long from, Long to, Long by) {
        int size = list.size();
        long step = by == null ? 1 : by;
        if (step == 0) {
            throw new Fault("a slice cannot have step 0");
        }
        // Going backwards, the places before the first and at the last item take the roles of 0 and size.
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? size : size - 1;
        long first = from == null ? (step > 0 ? low : high) : Math.clamp(from < 0 ? from + size : from, low, high);
        long end = to == null ? (step > 0 ? high : low) : Math.clamp(to < 0 ? to + size : to, low, high);
        List<Object> part = new ArrayList<>();
        for (long i = first; step > 0 ? i < end : i > end; i += step) {
            part.add(list.get((int) i));
        }
        return part;
    }
}
