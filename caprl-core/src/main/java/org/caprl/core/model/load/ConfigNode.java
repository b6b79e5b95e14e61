package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;

/** Typed reading of a {@code config.json}: a missing key means the default of the {@code transformers} class, a wrong type is an error. */
record ConfigNode(JsonNode node, String where) {
    ConfigNode child(String key) {
        JsonNode n = node.path(key);
        return n.isObject() ? new ConfigNode(n, where + "." + key) : null;
    }

    boolean has(String key) {
        return !node.path(key).isMissingNode() && !node.path(key).isNull();
    }

    int integer(String key, int missing) {
        if (!has(key)) {
            return missing;
        }
        JsonNode n = node.get(key);
        if (!n.isIntegralNumber()) {
            throw wrong(key, "an integer");
        }
        return n.intValue();
    }

    double number(String key, double missing) {
        if (!has(key)) {
            return missing;
        }
        if (!node.get(key).isNumber()) {
            throw wrong(key, "a number");
        }
        return node.get(key).doubleValue();
    }

    boolean flag(String key, boolean missing) {
        if (!has(key)) {
            return missing;
        }
        if (!node.get(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return node.get(key).booleanValue();
    }

    String text(String key, String missing) {
        return has(key) ? node.get(key).asText() : missing;
    }

    List<Integer> integers(String key, List<Integer> missing) {
        if (!has(key)) {
            return missing;
        }
        if (!node.get(key).isArray()) {
            throw wrong(key, "a list of integers");
        }
        List<Integer> values = new ArrayList<>();
        node.get(key).forEach(n -> values.add(n.intValue()));
        return values;
    }

    /** Refuses a value that this version does not compute. */
    void require(String key, String found, String... supported) {
        if (!List.of(supported).contains(found)) {
            throw new UnsupportedModelException(where + ": " + key + " = " + found + " is not supported; supported: "
                    + String.join(", ", supported));
        }
    }

    InputException wrong(String key, String expected) {
        return new InputException(where + ": " + key + " must be " + expected + ", found " + node.get(key));
    }
}
