package org.caprl.core.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;

/**
 * The settings of a checkpoint's image processor, read with types: a missing key means the default, another type is an error.
 *
 * @param where names file and place in errors
 * @param node  an object
 */
record PreprocessorFile(String where, JsonNode node) {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Settings that all have their defaults. */
    static final PreprocessorFile EMPTY = new PreprocessorFile("defaults", JSON.createObjectNode());
    private static final String IN_PROCESSOR = "image_processor";
    private static final int BICUBIC = 3;
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

    /**
     * Finds them as transformers does: processor_config.json's {@code image_processor} where there is one, else
     * preprocessor_config.json.
     *
     * @throws InputException if both are missing
     */
    static PreprocessorFile find(Path folder) {
        PreprocessorFile found = look(folder);
        if (found == null) {
            throw new InputException(folder + ": preprocessor_config.json is missing (image size limits, patch size, mean and std);"
                    + " take it from the model's repository");
        }
        return found;
    }

    /** Whether a folder has them. */
    static boolean isIn(Path folder) {
        return look(folder) != null;
    }

    private static PreprocessorFile look(Path folder) {
        Path nested = folder.resolve("processor_config.json");
        if (Files.exists(nested)) {
            JsonNode settings = json(nested).path(IN_PROCESSOR);
            if (settings.isObject()) {
                return new PreprocessorFile(nested + ", " + IN_PROCESSOR, settings);
            }
        }
        Path own = folder.resolve("preprocessor_config.json");
        return Files.exists(own) ? new PreprocessorFile(own.toString(), json(own)) : null;
    }

    /** The image processor's class, or empty where the file does not say. */
    String type() {
        return node.path("image_processor_type").asText(node.path("feature_extractor_type").asText(""));
    }

    InputException wrongType(String expected) {
        return new InputException(where + ": image_processor_type is " + type() + ", expected " + expected
                + "; take the file from the model's repository");
    }

    /** Refuses what no processor here does: another filter than bicubic, a step left out. */
    void requireUsualSteps() {
        int resample = integer("resample", BICUBIC);
        if (resample != BICUBIC) {
            throw new InputException(where + ": resample is " + resample + ", only 3 (bicubic) is supported");
        }
        for (String step : List.of("do_resize", "do_rescale", "do_normalize")) {
            if (!node.path(step).asBoolean(true)) {
                throw new InputException(where + ": " + step + " is false, which is not supported");
            }
        }
    }

    boolean has(String key) {
        return !node.path(key).isMissingNode() && !node.path(key).isNull();
    }

    /** A positive whole number. */
    int integer(String key, int otherwise) {
        return integer(node.path(key), key, otherwise);
    }

    /** The same, of a value found elsewhere in the file. */
    int integer(JsonNode value, String key, int otherwise) {
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isInt() || value.asInt() < 1) {
            throw new InputException(where + ": " + key + " is " + value + ", expected a positive whole number");
        }
        return value.asInt();
    }

    /** {@code image_mean} and {@code image_std}, CLIP's where they are left out, and {@code rescale_factor}. */
    Normalization normalization() {
        double factor = node.path("rescale_factor").asDouble(1.0 / 255);
        if (!(factor > 0)) {
            throw new InputException(where + ": rescale_factor is " + node.path("rescale_factor") + ", expected a positive number");
        }
        return new Normalization(channels("image_mean", CLIP_MEAN), channels("image_std", CLIP_STD), factor);
    }

    private List<Double> channels(String key, List<Double> otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        if (!value.isArray() || value.size() != 3 || !value.get(0).isNumber() || !value.get(1).isNumber() || !value.get(2).isNumber()) {
            throw new InputException(where + ": " + key + " is " + value + ", expected three numbers");
        }
        return List.of(value.get(0).asDouble(), value.get(1).asDouble(), value.get(2).asDouble());
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new InputException(file + ": not readable as JSON: " + e.getMessage(), e);
        }
    }
}
