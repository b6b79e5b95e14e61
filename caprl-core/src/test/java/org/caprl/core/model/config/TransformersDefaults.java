package org.caprl.core.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * What the configuration classes of {@code transformers} 5.23 say when they are made without arguments, those keys that are read here:
 * {@code json.dumps(Qwen2Config().to_dict())} and so on.
 */
public final class TransformersDefaults {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TransformersDefaults() {
    }

    /** The values of a class. */
    public static ObjectNode of(String className) {
        try (InputStream in = TransformersDefaults.class.getResourceAsStream("/transformers-defaults.json")) {
            return (ObjectNode) JSON.readTree(in).get(className);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty config under a key, or on its own where the key is null, means the same as one that states every default of the class. */
    public static void assertAreOurs(String className, String key, Function<ConfigNode, Object> read) {
        ObjectNode stated = of(className);
        ObjectNode empty = JSON.createObjectNode();
        assertEquals(numbers(read.apply(config(key, stated))), numbers(read.apply(config(key, empty))), className);
        stated.fieldNames().forEachRemaining(name -> {
            ObjectNode without = stated.deepCopy();
            without.remove(name);
            assertEquals(numbers(read.apply(config(key, stated))), numbers(read.apply(config(key, without))),
                    className + " without " + name);
        });
    }

    private static ConfigNode config(String key, ObjectNode values) {
        return ConfigNode.of(key == null ? values : JSON.createObjectNode().set(key, values), "config.json");
    }

    /** A record's components, arrays element by element. */
    public static JsonNode numbers(Object config) {
        return JSON.valueToTree(config);
    }
}
