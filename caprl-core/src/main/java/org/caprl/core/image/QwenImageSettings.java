package org.caprl.core.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.caprl.core.InputException;

/**
 * Numbers of a checkpoint's {@code Qwen2VLImageProcessor}.
 *
 * @param minPixels         smallest area after the resize
 * @param maxPixels         largest area after the resize
 * @param patchSize         side of a patch in pixels
 * @param temporalPatchSize frames in a patch; a still image is repeated
 * @param mergeSize         side of the square of patches that becomes one token
 * @param normalization     of the values
 */
public record QwenImageSettings(long minPixels, long maxPixels, int patchSize, int temporalPatchSize, int mergeSize,
        Normalization normalization) {
    /**
     * Reads a checkpoint folder as transformers does: processor_config.json's {@code image_processor} where there is one, else
     * preprocessor_config.json; keys left out have the class's defaults.
     *
     * @throws InputException if both are missing or ask for something else than this processor does
     */
    public static QwenImageSettings load(Path folder) {
        return read(PreprocessorFile.find(folder), 14, 2, 2);
    }

    /**
     * The same; in a folder that has neither file, the class's defaults with these patches.
     *
     * @param patch side of a patch in pixels
     * @param frames of a patch
     * @param merge side of the square of patches that becomes one token
     */
    public static QwenImageSettings loadOrDefault(Path folder, int patch, int frames, int merge) {
        return PreprocessorFile.isIn(folder) ? load(folder) : read(PreprocessorFile.EMPTY, patch, frames, merge);
    }

    private static QwenImageSettings read(PreprocessorFile file, int patch, int frames, int merge) {
        if (!file.type().isEmpty() && (!file.type().startsWith("Qwen") || file.type().endsWith("Pil"))) {
            throw file.wrongType("Qwen2VLImageProcessor");
        }
        file.requireUsualSteps();
        JsonNode size = file.node().path("size");
        long min = pixels(file, size.path("shortest_edge"), "min_pixels", 56L * 56);
        long max = pixels(file, size.path("longest_edge"), "max_pixels", 28L * 28 * 1280);
        if (min > max) {
            throw new InputException(file.where() + ": the smallest area " + min + " is larger than the largest, " + max);
        }
        return new QwenImageSettings(min, max, file.integer("patch_size", patch), file.integer("temporal_patch_size", frames),
                file.integer("merge_size", merge), file.normalization());
    }

    private static long pixels(PreprocessorFile file, JsonNode ofSize, String key, long otherwise) {
        JsonNode value = file.has(key) ? file.node().path(key) : ofSize;
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || value.asLong() < 1) {
            throw new InputException(file.where() + ": " + key + " (or its place in size) is " + value
                    + ", expected a positive whole number");
        }
        return value.asLong();
    }
}
