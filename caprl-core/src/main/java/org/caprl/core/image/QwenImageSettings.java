package org.caprl.core.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;

/**
 * Numbers of a checkpoint's {@code Qwen2VLImageProcessor}.
 *
 * @param minPixels         smallest area after the resize
 * @param maxPixels         largest area after the resize
 * @param patchSize         side of a patch in pixels
 * @param temporalPatchSize frames in a patch; a still image is repeated
 * @param mergeSize         side of the square of patches that becomes one token
 * @param mean              per channel, of values between 0 and 1
 * @param std               per channel, of values between 0 and 1
 * @param rescaleFactor     what brings a byte to between 0 and 1
 */
public record QwenImageSettings(long minPixels, long maxPixels, int patchSize, int temporalPatchSize, int mergeSize, List<Double> mean,
        List<Double> std, double rescaleFactor) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BICUBIC = 3;

    public QwenImageSettings {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /**
     * Reads a checkpoint folder as transformers does: processor_config.json's {@code image_processor} where there is one, else
     * preprocessor_config.json; keys left out have the class's defaults.
     *
     * @throws InputException if both are missing or ask for something else than this processor does
     */
    public static QwenImageSettings load(Path folder) {
        Path nested = folder.resolve("processor_config.json");
        if (Files.exists(nested)) {
            JsonNode settings = json(nested).path("image_processor");
            if (settings.isObject()) {
                return read(nested + ", image_processor", settings);
            }
        }
        Path own = folder.resolve("preprocessor_config.json");
        if (!Files.exists(own)) {
            throw new InputException(folder + ": preprocessor_config.json is missing (image size limits, patch size, mean and std);"
                    + " take it from the model's repository");
        }
        return read(own.toString(), json(own));
    }

    private static QwenImageSettings read(String where, JsonNode node) {
        String type = node.path("image_processor_type").asText("Qwen2VLImageProcessor");
        if (!type.startsWith("Qwen") || type.endsWith("Pil")) {
            throw new InputException(where + ": image_processor_type is " + type + ", expected Qwen2VLImageProcessor");
        }
        int resample = integer(where, node, "resample", BICUBIC);
        if (resample != BICUBIC) {
            throw new InputException(where + ": resample is " + resample + ", only 3 (bicubic) is supported");
        }
        for (String step : List.of("do_resize", "do_rescale", "do_normalize")) {
            if (!node.path(step).asBoolean(true)) {
                throw new InputException(where + ": " + step + " is false, which is not supported");
            }
        }
        JsonNode size = node.path("size");
        long min = pixels(where, node.path("min_pixels"), size.path("shortest_edge"), "min_pixels", 56L * 56);
        long max = pixels(where, node.path("max_pixels"), size.path("longest_edge"), "max_pixels", 28L * 28 * 1280);
        if (min > max) {
            throw new InputException(where + ": the smallest area " + min + " is larger than the largest, " + max);
        }
        double factor = node.path("rescale_factor").asDouble(1.0 / 255);
        if (!(factor > 0)) {
            throw new InputException(where + ": rescale_factor is " + node.path("rescale_factor") + ", expected a positive number");
        }
        return new QwenImageSettings(min, max, integer(where, node, "patch_size", 14), integer(where, node, "temporal_patch_size", 2),
                integer(where, node, "merge_size", 2), channels(where, node, "image_mean", List.of(0.48145466, 0.4578275, 0.40821073)),
                channels(where, node, "image_std", List.of(0.26862954, 0.26130258, 0.27577711)), factor);
    }

    private static long pixels(String where, JsonNode own, JsonNode ofSize, String key, long otherwise) {
        JsonNode value = own.isMissingNode() || own.isNull() ? ofSize : own;
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || value.asLong() < 1) {
            throw new InputException(where + ": " + key + " (or its place in size) is " + value + ", expected a positive whole number");
        }
        return value.asLong();
    }

    private static int integer(String where, JsonNode node, String key, int otherwise) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isInt() || value.asInt() < 1) {
            throw new InputException(where + ": " + key + " is " + value + ", expected a positive whole number");
        }
        return value.asInt();
    }

    private static List<Double> channels(String where, JsonNode node, String key, List<Double> otherwise) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
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
