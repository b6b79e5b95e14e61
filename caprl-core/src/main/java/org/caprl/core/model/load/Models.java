package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.ImagePlaces;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.TextLm;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.UnsupportedModelException;
import org.caprl.core.model.internvl.InternVl;
import org.caprl.core.model.internvl.InternVlConfig;
import org.caprl.core.model.internvl.InternVlPlaces;
import org.caprl.core.model.llama.Llama;
import org.caprl.core.model.qwen25vl.Qwen25Vl;
import org.caprl.core.model.qwen3vl.Qwen3Vl;
import org.caprl.core.model.qwentext.QwenText;
import org.caprl.core.model.qwenvl.QwenVl;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.BpeTokenizer;

/** The only registry of model families. */
public final class Models {
    private interface Builder {
        CausalLm build(ConfigNode config, Params params);
    }

    private interface PlacesReader {
        ImagePlaces read(ConfigNode config, HfCheckpoint checkpoint, BpeTokenizer tokenizer);
    }

    private interface ImagesReader {
        ImageProcessor read(ConfigNode config, Path folder);
    }

    /** {@code places} and {@code images} are null where a model sees nothing. */
    private record Family(Builder builder, PlacesReader places, ImagesReader images) {
        static Family text(String name, Function<ConfigNode, TextConfig> numbers) {
            return new Family((c, params) -> new TextLm(name, numbers.apply(c), params), null, null);
        }
    }

    private static final Map<String, Family> FAMILIES = new TreeMap<>(Map.of(
            QwenText.QWEN2, Family.text(QwenText.QWEN2, QwenText::qwen2),
            QwenText.QWEN3, Family.text(QwenText.QWEN3, QwenText::qwen3),
            Llama.FAMILY, Family.text(Llama.FAMILY, Llama::config),
            Qwen25Vl.FAMILY, new Family(Qwen25Vl::of, QwenVl::imagePlaces, Qwen25Vl::images),
            Qwen3Vl.FAMILY, new Family(Qwen3Vl::of, QwenVl::imagePlaces, Qwen3Vl::images),
            InternVl.FAMILY, new Family((c, params) -> new InternVl(InternVl.FAMILY, InternVlConfig.port(c), params),
                    InternVlPlaces::port, InternVlPlaces::portImages),
            InternVl.CHAT, new Family((c, params) -> new InternVl(InternVl.CHAT, InternVlConfig.chat(c), params),
                    InternVlPlaces::chat, InternVlPlaces::chatImages)));

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
     * Loads a model from a Hugging Face folder, or from a folder of adapters ({@link AdapterFolder}): then the base model that they name,
     * with them beside its weights.
     *
     * @param type of the weights in memory, whatever they are in the files; adapters are float32
     * @throws InputException when the family is unknown, or a tensor or file is missing or misshapen, or a weight is not finite, or
     *         adapters are of another model
     */
    public static CausalLm load(Path folder, TensorOps ops, WeightType type) {
        if (AdapterFolder.isAt(folder)) {
            try (AdapterFolder adapter = AdapterFolder.open(folder)) {
                return adapter.model(ops, type);
            }
        }
        return load(folder, ops, type, null);
    }

    /**
     * Loads a model from a Hugging Face folder and gives it adapters.
     *
     * @param adapters null for none
     * @throws InputException also when a target matches no linear layer
     */
    public static CausalLm load(Path folder, TensorOps ops, WeightType type, Adapters adapters) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            return adapted(config(checkpoint), checkpoint, ops, new CheckpointWeights(checkpoint), type, adapters);
        }
    }

    private static CausalLm adapted(JsonNode config, HfCheckpoint checkpoint, TensorOps ops, WeightSource weights, WeightType type,
            Adapters adapters) {
        CausalLm model = build(config, where(checkpoint), ops, weights, type, adapters);
        if (adapters != null) {
            try {
                LoraTargets.require(model.params(), checkpoint.folder().toString());
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
        return model;
    }

    /**
     * Loads plain weights: those of a Hugging Face folder, or of the base model of a folder of adapters with W + scaling · B · A in place
     * of each adapted W. {@link ModelSaver#save} with {@link #base} of the folder writes them as a checkpoint of its own.
     *
     * @param type of the weights in memory; the sum is rounded once
     */
    public static CausalLm loadMerged(Path folder, TensorOps ops, WeightType type) {
        if (!AdapterFolder.isAt(folder)) {
            return load(folder, ops, type, null);
        }
        try (AdapterFolder adapter = AdapterFolder.open(folder)) {
            return adapter.merged(ops, type);
        }
    }

    /** The folder that has a model's config, tokenizer and processor: of adapters that of their base, else the folder itself. */
    public static Path base(Path folder) {
        if (!AdapterFolder.isAt(folder)) {
            return folder;
        }
        try (AdapterFolder adapter = AdapterFolder.open(folder)) {
            return adapter.base();
        }
    }

    /**
     * The model of a folder without its numbers: weights of the right shapes that nobody filled. Of a folder that holds no adapters,
     * config.json alone is read, and where InternVL's image token stands in the tokenizer alone, that; without it the token is 0.
     */
    public static CausalLm outline(Path folder, TensorOps ops, WeightType type) {
        if (AdapterFolder.isAt(folder)) {
            try (AdapterFolder adapter = AdapterFolder.open(folder)) {
                return adapter.outline(ops, type);
            }
        }
        return outline(folder, ops, type, null);
    }

    /** The same with adapters; null for none. */
    public static CausalLm outline(Path folder, TensorOps ops, WeightType type, Adapters adapters) {
        Adapters unfilled = adapters == null ? null
                : new Adapters(adapters.settings(), adapters.layers(), new Unfilled());
        try (HfCheckpoint checkpoint = HfCheckpoint.openWithoutWeights(folder)) {
            boolean complete = Files.exists(folder.resolve(BpeTokenizer.FILE));
            JsonNode config = !complete && isChat(checkpoint) ? InternVlPlaces.withImageToken(checkpoint, 0) : config(checkpoint);
            return adapted(config, checkpoint, ops, new Unfilled(), type, unfilled);
        }
    }

    /**
     * Overwrites the weights of a model in place by those of another checkpoint of it. Of a model with adapters only these are overwritten,
     * by those of a folder of adapters.
     *
     * @throws InputException when a tensor is missing or of another shape; the model is then partly overwritten
     */
    public static void reload(CausalLm model, Path folder) {
        if (model.params().lora() != null) {
            try (AdapterFolder adapter = AdapterFolder.open(folder)) {
                adapter.reload(model);
            }
            return;
        }
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
        return build(config, where, ops, weights, type, null);
    }

    /** The same with adapters; null for none. */
    static CausalLm build(JsonNode config, String where, TensorOps ops, WeightSource weights, WeightType type, Adapters adapters) {
        String name = config.path("model_type").asText();
        Family family = FAMILIES.get(name);
        if (family == null) {
            throw new UnsupportedModelException(where + ": model_type '" + name + "' is not supported; supported: "
                    + String.join(", ", families()));
        }
        Params params = new Params(ops, weights, type, adapters);
        try {
            return family.builder.build(ConfigNode.of(config, where), params);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** How images enter the prompts of a checkpoint's family; null for a text model. */
    static ImagePlaces imagePlaces(HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        Family family = FAMILIES.get(checkpoint.config().path("model_type").asText());
        return family == null || family.places == null ? null
                : family.places.read(ConfigNode.of(checkpoint.config(), where(checkpoint)), checkpoint, tokenizer);
    }

    /**
     * What makes patches of the images of a folder's model, by its processor's file, or without that by the defaults of the family's class
     * in transformers, with the patches of config.json; null for a text model. No other file is read.
     */
    public static ImageProcessor images(Path folder) {
        try (HfCheckpoint checkpoint = HfCheckpoint.openWithoutWeights(folder)) {
            Family family = FAMILIES.get(checkpoint.config().path("model_type").asText());
            return family == null || family.images == null ? null
                    : family.images.read(ConfigNode.of(checkpoint.config(), where(checkpoint)), folder);
        }
    }

    /** config.json, with what a family keeps in other files of the folder. */
    static JsonNode config(HfCheckpoint checkpoint) {
        return isChat(checkpoint) ? InternVlPlaces.withImageToken(checkpoint) : checkpoint.config();
    }

    private static boolean isChat(HfCheckpoint checkpoint) {
        return checkpoint.config().path("model_type").asText().equals(InternVl.CHAT);
    }

    private static String where(HfCheckpoint checkpoint) {
        return checkpoint.folder().resolve("config.json").toString();
    }
}
