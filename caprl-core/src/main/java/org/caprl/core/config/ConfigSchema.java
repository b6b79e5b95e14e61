package org.caprl.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;

/** A configuration as JSON Schema (draft 2020-12), with which editors complete and check YAML files. */
public final class ConfigSchema {
    private static final JsonMapper JSON = new JsonMapper();
    private static final YAMLMapper YAML = new YAMLMapper();

    private ConfigSchema() {
    }

    /** The schema, indented. */
    public static String json(Class<? extends Record> type, String title) {
        ObjectNode schema = JSON.createObjectNode().put("$schema", "https://json-schema.org/draft/2020-12/schema").put("title", title);
        section(type, schema);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void section(Class<? extends Record> type, ObjectNode schema) {
        List<ConfigKey> keys = ConfigKey.of(type);
        schema.put("type", "object").put("additionalProperties", false);
        List<String> required = keys.stream().filter(ConfigKey::required).map(ConfigKey::name).toList();
        if (!required.isEmpty()) {
            required.forEach(schema.putArray("required")::add);
        }
        ObjectNode properties = schema.putObject("properties");
        for (ConfigKey key : keys) {
            ObjectNode property = properties.putObject(key.name()).put("description", key.key().doc());
            value(key, key.type(), property);
            key.defaultValue().ifPresent(text -> putDefault(key, text, property));
        }
    }

    private static void putDefault(ConfigKey key, String text, ObjectNode property) {
        try {
            switch (key.type()) {
                case ValueType.Decimal _ -> property.put("default", Double.parseDouble(text)); // YAML 1.1 takes 1e-5 for text
                case ValueType.Text _, ValueType.FilePath _, ValueType.Choice _ -> property.put("default", text);
                default -> property.set("default", YAML.readTree(text));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the default of " + key.component() + " is not YAML: " + text, e);
        }
    }

    private static void value(ConfigKey key, ValueType type, ObjectNode schema) {
        switch (type) {
            case ValueType.Whole _ -> bounds(key, schema.put("type", "integer"));
            case ValueType.Decimal _ -> bounds(key, schema.put("type", "number"));
            case ValueType.Switch _ -> schema.put("type", "boolean");
            case ValueType.FilePath _ -> schema.put("type", "string");
            case ValueType.Text _ -> choices(schema, List.of(key.key().choices()));
            case ValueType.Choice c -> choices(schema, c.names());
            case ValueType.Section s -> section(s.type(), schema);
            case ValueType.ListOf l -> value(key, l.element(), schema.put("type", "array").putObject("items"));
            case ValueType.MapOf m -> value(key, m.element(), schema.put("type", "object").putObject("additionalProperties"));
            case ValueType.Maybe m -> {
                ArrayNode either = schema.putArray("anyOf");
                value(key, m.element(), either.addObject());
                either.addObject().put("type", "null");
            }
        }
    }

    private static void choices(ObjectNode schema, List<String> choices) {
        schema.put("type", "string");
        if (!choices.isEmpty()) {
            choices.forEach(schema.putArray("enum")::add);
        }
    }

    private static void bounds(ConfigKey key, ObjectNode schema) {
        bound(schema, "minimum", key.key().min());
        bound(schema, "maximum", key.key().max());
        bound(schema, "exclusiveMinimum", key.key().exclusiveMin());
        bound(schema, "exclusiveMaximum", key.key().exclusiveMax());
    }

    private static void bound(ObjectNode schema, String name, double value) {
        if (Double.isFinite(value)) {
            schema.put(name, value);
        }
    }
}
