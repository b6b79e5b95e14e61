package org.caprl.core.text.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The evaluated arguments of a filter, test or method; reading one that is missing, misnamed or of another kind is a fault. */
record Given(String of, List<Object> positional, Map<String, Object> named) {
    /** Checks that at most {@code max} arguments came and that all named ones are among {@code names}. */
    Given expect(int max, Set<String> names) {
        if (positional.size() > max) {
            throw new Fault(of + " takes at most " + max + " arguments, got " + positional.size());
        }
        for (String name : named.keySet()) {
            if (!names.contains(name)) {
                throw new Fault(of + " has no argument '" + name + "'");
            }
        }
        return this;
    }

    Given expect(int max) {
        return expect(max, Set.of());
    }

    boolean has(int index) {
        return index < positional.size();
    }

    Object get(int index) {
        if (!has(index)) {
            throw new Fault(of + " needs " + (index + 1) + " argument" + (index > 0 ? "s" : ""));
        }
        return positional.get(index);
    }

    Object get(int index, String name, Object otherwise) {
        return has(index) ? positional.get(index) : named.getOrDefault(name, otherwise);
    }

    String string(int index) {
        return string(get(index));
    }

    String string(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new Fault(of + " needs a string, got " + Python.kind(value));
    }

    long integer(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw new Fault(of + " needs a whole number, got " + Python.kind(value));
    }
}
