package org.caprl.core.text.jinja;

import java.util.List;
import java.util.Map;

/** Jinja's tests ({@code x is defined} and the like). */
final class Tests {
    private Tests() {
    }

    static boolean holds(Object value, String name, Given given) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "number" -> Python.isNumber(value) || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "mapping" -> value instanceof Map<?, ?>;
            case "sequence", "iterable" -> value instanceof String || value instanceof List<?> || value instanceof Map<?, ?>
                    || value instanceof Undefined;
            case "callable" -> value instanceof Function;
            case "odd" -> Math.floorMod(given.integer(value), 2L) == 1;
            case "even" -> Math.floorMod(given.integer(value), 2L) == 0;
            case "divisibleby" -> Math.floorMod(given.integer(value), given.integer(given.get(0))) == 0;
            case "equalto", "eq", "==", "sameas" -> Python.equal(value, given.get(0));
            case "ne", "!=" -> !Python.equal(value, given.get(0));
            case "lt", "lessthan", "<" -> Python.compare(value, given.get(0)) < 0;
            case "le", "<=" -> Python.compare(value, given.get(0)) <= 0;
            case "gt", "greaterthan", ">" -> Python.compare(value, given.get(0)) > 0;
            case "ge", ">=" -> Python.compare(value, given.get(0)) >= 0;
            case "in" -> Python.contains(given.get(0), value);
            default -> throw new Fault("the test '" + name + "' is not supported");
        };
    }
}
