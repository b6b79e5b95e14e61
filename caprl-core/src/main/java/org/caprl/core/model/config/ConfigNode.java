package org.caprl.core.model.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import org.caprl.core.InputException;

/**
 * Typed reading of a {@code config.json} or of an object in one. A missing key means the default of the {@code transformers} class; a value
 * of a wrong type is an error that names the key.
 *
 * @param node the object
 * @param defaults the class's own values, under the same keys; a key that it has not either is not one of this class
 * @param where file and path of the object, for errors
 */
public record ConfigNode(JsonNode node, JsonNode defaults, String where) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An object without defaults. */
    public static ConfigNode of(JsonNode node, String where) {
        return new ConfigNode(node, MissingNode.getInstance(), where);
    }

    /**
     * The same object with the defaults of a class.
     *
     * @param json an object; {@code null} values stand for numbers that follow from others
     */
    public ConfigNode withDefaults(String json) {
        try {
            return new ConfigNode(node, JSON.readTree(json), where);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("defaults of " + where + ": " + e.getOriginalMessage(), e);
        }
    }

    /** The object under a key, without defaults; null where there is none. */
    public ConfigNode child(String key) {
        JsonNode n = node.path(key);
        return n.isObject() ? of(n, where + "." + key) : null;
    }

    /** The object under a key, without defaults. */
    public ConfigNode requiredChild(String key) {
        ConfigNode child = child(key);
        if (child == null) {
            throw new InputException(where + ": " + key + " is missing, or no object");
        }
        return child;
    }

    /** Whether the file gives a value that is not null. */
    public boolean gives(String key) {
        return node.hasNonNull(key);
    }

    /** Whether there is a value that is not null, from the file or by default. */
    public boolean has(String key) {
        JsonNode value = value(key);
        return !value.isMissingNode() && !value.isNull();
    }

    private JsonNode value(String key) {
        boolean known = defaults.isMissingNode() || defaults.has(key);
        return !known ? MissingNode.getInstance() : node.has(key) ? node.get(key) : defaults.path(key);
    }

    /** An integer. */
    public int integer(String key) {
        JsonNode n = value(key);
        if (!n.isIntegralNumber() || !n.canConvertToInt()) {
            throw wrong(key, "an integer");
        }
        return n.intValue();
    }

    /** A number of at least 1: an extent of a tensor. */
    public int extent(String key) {
        int n = integer(key);
        if (n < 1) {
            throw wrong(key, "at least 1");
        }
        return n;
    }

    /** A number. */
    public double number(String key) {
        JsonNode n = value(key);
        if (!n.isNumber()) {
            throw wrong(key, "a number");
        }
        return n.doubleValue();
    }

    /** True or false; false where the class has no such key. */
    public boolean flag(String key) {
        JsonNode n = value(key);
        if (n.isMissingNode()) {
            return false;
        }
        if (!n.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return n.booleanValue();
    }

    /** A text. */
    public String text(String key) {
        JsonNode n = value(key);
        if (!n.isTextual()) {
            throw wrong(key, "a text");
        }
        return n.textValue();
    }

    /** A list of integers. */
    public int[] integers(String key) {
        JsonNode n = value(key);
        boolean good = n.isArray();
        for (JsonNode element : n) {
            good &= element.isIntegralNumber() && element.canConvertToInt();
        }
        if (!good) {
            throw wrong(key, "a list of integers");
        }
        int[] values = new int[n.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = n.get(i).intValue();
        }
        return values;
    }

    /** Refuses a value that is not computed here. */
    public void require(String key, String found, String... supported) {
        if (!List.of(supported).contains(found)) {
            throw new UnsupportedModelException(where + ": " + key + " = " + found + " is not supported; supported: "
                    + String.join(", ", supported));
        }
    }

    /** Refuses another value of a text key than the supported ones. */
    public void require(String key, List<String> supported) {
        require(key, text(key), supported.toArray(String[]::new));
    }

    /** An error about a key's value. */
    public InputException wrong(String key, String expected) {
        JsonNode found = value(key);
        return new InputException(where + ": " + key + " must be " + expected + ", found "
                + (found.isMissingNode() ? "nothing" : found));
    }
}
