package org.caprl.core.model.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.nn.LoraSettings;

/**
 * {@code adapter_config.json} of peft ({@code LoraConfig}).
 *
 * @param base {@code base_model_name_or_path}, as the file has it
 * @param baseClass {@code auto_mapping.base_model_class}, or an empty text
 * @param settings rank, scaling, dropout; of the targets only what the file says, not what it means: the tensors beside it say that
 */
record PeftConfig(String base, String baseClass, LoraSettings settings) {
    static final String FILE = "adapter_config.json";

    private static final JsonMapper JSON = new JsonMapper();
    /** Read here, or without influence on what a trained adapter computes. */
    private static final Set<String> TAKEN = Set.of("peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "base_model_name_or_path",
            "auto_mapping", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "task_type", "peft_version",
            "revision", "inference_mode", "bias", "init_lora_weights", "loftq_config", "megatron_core", "qalora_group_size");
    /** Others than these change the base model when the adapter is loaded. */
    private static final Set<String> PLAIN_INITS = Set.of("true", "false", "gaussian", "null");

    /**
     * Reads the file.
     *
     * @throws InputException if it is missing, not a LoRA, or has settings that are not computed here; they are named, all of them
     */
    static PeftConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        JsonNode root = parse(file);
        List<String> refused = new ArrayList<>();
        root.properties().forEach(entry -> {
            if (!supported(entry.getKey(), entry.getValue())) {
                refused.add(entry.getKey() + " = " + entry.getValue());
            }
        });
        if (!refused.isEmpty()) {
            throw new InputException(file + " has settings that are not supported: " + String.join(", ", refused)
                    + "; supported are plain LoRA adapters of linear layers: peft_type LORA, bias none, r, lora_alpha, lora_dropout, "
                    + "use_rslora");
        }
        if (!root.path("r").isIntegralNumber() || !root.path("lora_alpha").isNumber()) {
            throw new InputException(file + " has r = " + root.path("r") + " and lora_alpha = " + root.path("lora_alpha")
                    + ", expected numbers; save the adapter again");
        }
        try {
            return new PeftConfig(root.path("base_model_name_or_path").asText(),
                    root.path("auto_mapping").path("base_model_class").asText(),
                    new LoraSettings(root.get("r").intValue(), root.get("lora_alpha").doubleValue(), root.path("lora_dropout").asDouble(0),
                            root.path("use_rslora").asBoolean(false), targets(root.path("target_modules")), true));
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ": " + e.getMessage() + "; save the adapter again", e);
        }
    }

    private static List<String> targets(JsonNode targets) {
        List<String> names = new ArrayList<>();
        if (targets.isTextual()) {
            names.add(targets.asText());
        }
        targets.forEach(name -> names.add(name.asText()));
        return names.isEmpty() ? List.of("*") : names;
    }

    private static boolean supported(String key, JsonNode value) {
        return switch (key) {
            case "peft_type" -> value.asText().equals("LORA");
            case "bias" -> value.asText().equals("none");
            case "init_lora_weights" -> PLAIN_INITS.contains(value.asText());
            default -> TAKEN.contains(key) || value.isNull() || value.isBoolean() && !value.booleanValue()
                    || value.isContainerNode() && value.isEmpty();
        };
    }

    private static JsonNode parse(Path file) {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.isObject() || !root.has("peft_type")) {
                throw new InputException(file + " is not a peft configuration: it has no peft_type; save the adapter again");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new InputException(file + " is not valid JSON (" + e.getOriginalMessage() + "); save the adapter again", e);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    /** Writes the file. @param modules what peft shall match: ends of names, or whole names */
    void write(Path folder, List<String> modules) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("auto_mapping").put("base_model_class", baseClass).put("parent_library", "transformers");
        root.put("base_model_name_or_path", base).put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true)
                .put("init_lora_weights", true);
        if (settings.alpha() == Math.rint(settings.alpha())) {
            root.put("lora_alpha", (long) settings.alpha());
        } else {
            root.put("lora_alpha", settings.alpha());
        }
        root.put("lora_dropout", settings.dropout()).putNull("modules_to_save").put("peft_type", "LORA").put("r", settings.r());
        ArrayNode targets = root.putArray("target_modules");
        modules.forEach(targets::add);
        root.putNull("task_type").put("use_dora", false).put("use_rslora", settings.rslora());
        Path file = folder.resolve(FILE);
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }
}
