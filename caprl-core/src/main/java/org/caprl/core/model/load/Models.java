package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.QwenImageProcessor;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.ImagePlaces;
import org.caprl.core.model.qwen25vl.Qwen25Vl;
import org.caprl.core.model.qwentext.QwenText;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.BpeTokenizer;

/** The only registry of model families. */
public final class Models {
    private interface Family {
        CausalLm build(ConfigNode config, Params params);
    }

    private static final Map<String, Family> FAMILIES = new TreeMap<>(Map.of(
            QwenText.FAMILY, (c, params) -> new QwenText(QwenConfigs.qwen2(c), params),
            Qwen25Vl.FAMILY, Models::qwen25Vl));

    private Models() {
    }

    /** The values of {@code model_type} that can be loaded. */
    public static List<String> families() {
        return List.copyOf(FAMILIES.keySet());
    }

    /** Whether a {@code config.json} names a family that can be loaded. */
    public static boolean supports(JsonNode config) {
        return FAMILIES.containsKey(config.path("model_type").asText());
    }

    /** {@link #load(Path, TensorOps, WeightType)} in float32. */
    public static CausalLm load(Path folder, TensorOps ops) {
        return load(folder, ops, WeightType.FLOAT32);
    }

    /**
     * Loads a model from a Hugging Face folder.
     *
     * @param type of the weights in memory, whatever they are in the files
     * @throws InputException when the family is unknown, or a tensor or file is missing or misshapen
     */
    public static CausalLm load(Path folder, TensorOps ops, WeightType type) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            return build(checkpoint.config(), folder.resolve("config.json").toString(), ops, new CheckpointWeights(checkpoint), type);
        }
    }

    /** The model of a folder without its numbers: weights of the right shapes that nobody filled. */
    public static CausalLm outline(Path folder, TensorOps ops, WeightType type) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            CheckpointWeights weights = new CheckpointWeights(checkpoint);
            return build(checkpoint.config(), folder.resolve("config.json").toString(), ops, new WeightSource() {
                @Override
                public void fill(String name, Tensor target) {
                }

                @Override
                public boolean has(String name) {
                    return weights.has(name);
                }
            }, type);
        }
    }

    /**
     * Overwrites the weights of a model in place by those of another checkpoint of it.
     *
     * @throws InputException when a tensor is missing or of another shape; the model is then partly overwritten
     */
    public static void reload(CausalLm model, Path folder) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            CheckpointWeights weights = new CheckpointWeights(checkpoint);
            model.params().all().forEach((name, weight) -> {
                weights.fill(name, weight.value());
                weight.value().markWritten();
            });
        }
    }

    /** {@link #build(JsonNode, String, TensorOps, WeightSource, WeightType)} in float32. */
    public static CausalLm build(JsonNode config, String where, TensorOps ops, WeightSource weights) {
        return build(config, where, ops, weights, WeightType.FLOAT32);
    }

    /**
     * Builds a model from its numbers, with weights from any source.
     *
     * @param config a {@code config.json}
     * @param where names the config in errors
     * @param type of the weights in memory
     */
    public static CausalLm build(JsonNode config, String where, TensorOps ops, WeightSource weights, WeightType type) {
        String name = config.path("model_type").asText();
        Family family = FAMILIES.get(name);
        if (family == null) {
            throw new UnsupportedModelException(where + ": model_type '" + name + "' is not supported; supported: "
                    + String.join(", ", families()));
        }
        Params params = new Params(ops, weights, type);
        try {
            return family.build(new ConfigNode(config, where), params);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** How images enter the prompts of a checkpoint's family; null for a text model. */
    static ImagePlaces imagePlaces(HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        JsonNode config = checkpoint.config();
        return config.path("model_type").asText().equals(Qwen25Vl.FAMILY)
                ? new ImagePlaces(QwenImageProcessor.load(checkpoint.folder()), config.path("image_token_id").asInt(151655)) : null;
    }

    private static CausalLm qwen25Vl(ConfigNode config, Params params) {
        ConfigNode vision = config.child("vision_config");
        if (vision == null) {
            throw new InputException(config.where() + ": vision_config is missing");
        }
        return new Qwen25Vl(QwenConfigs.qwen25VlVision(vision), QwenConfigs.qwen25VlText(config), config.integer("image_token_id", 151655),
                params);
    }
}
