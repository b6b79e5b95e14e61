package org.caprl.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.caprl.core.InputException;

/**
 * A Hugging Face checkpoint folder: {@code config.json}, weights in {@code model.safetensors} or in shards with
 * {@code model.safetensors.index.json}, tokenizer and processor files.
 *
 * <p>Opening maps every weight file and checks that each tensor of the index is in its shard; tensors are read when asked for.
 * Closing unmaps the files.
 */
public final class HfCheckpoint implements AutoCloseable {
    static final String SINGLE_FILE = "model.safetensors";
    static final String INDEX_FILE = "model.safetensors.index.json";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NOT_COPIED = Pattern.compile(
            "\\..*|readme.*|.*\\.(safetensors|bin|pt|pth|ckpt|h5|msgpack|onnx|gguf)|.*\\.(safetensors|bin)\\.index\\.json");

    private final Path folder;
    private final ObjectNode config;
    private final Optional<JsonNode> generationConfig;
    private final Map<String, SafeTensorsFile> files = new LinkedHashMap<>();
    private final NavigableMap<String, SafeTensorsFile> fileOf = new TreeMap<>();

    private HfCheckpoint(Path folder) {
        this.folder = folder;
        this.config = (ObjectNode) readJson(folder.resolve("config.json"));
        Path generation = folder.resolve("generation_config.json");
        this.generationConfig = Files.exists(generation) ? Optional.of(readJson(generation)) : Optional.empty();
    }

    /**
     * Opens a checkpoint folder.
     *
     * @throws InputException if the folder, its config.json, a weight file, or a tensor that the index promises is missing or broken
     */
    public static HfCheckpoint open(Path folder) {
        HfCheckpoint checkpoint = openWithoutWeights(folder);
        try {
            checkpoint.openWeights();
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * Opens a checkpoint folder as if it held no weights: {@link #names()} is empty, whether weight files are there or not.
     *
     * @throws InputException if the folder or its config.json is missing or broken
     */
    public static HfCheckpoint openWithoutWeights(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException("no checkpoint folder " + folder + "; give the path of a Hugging Face folder with config.json and "
                    + SINGLE_FILE);
        }
        return new HfCheckpoint(folder);
    }

    /** Whether a folder has a weight file or the index of several; both may still be broken. */
    public static boolean hasWeights(Path folder) {
        return Files.exists(folder.resolve(SINGLE_FILE)) || Files.exists(folder.resolve(INDEX_FILE));
    }

    private void openWeights() {
        // The order of transformers: a single file wins over an index.
        if (Files.exists(folder.resolve(SINGLE_FILE))) {
            SafeTensorsFile single = openFile(SINGLE_FILE);
            single.names().forEach(name -> fileOf.put(name, single));
        } else if (Files.exists(folder.resolve(INDEX_FILE))) {
            openShards();
        } else {
            throw new InputException(folder + " has neither " + SINGLE_FILE + " nor " + INDEX_FILE
                    + "; fetch the weights, or convert others with transformers: model.save_pretrained(folder)");
        }
    }

    private void openShards() {
        Path index = folder.resolve(INDEX_FILE);
        JsonNode weightMap = readJson(index).path("weight_map");
        if (!weightMap.isObject() || weightMap.isEmpty()) {
            throw new InputException(index + " has no weight_map from tensor names to shard files; fetch it again");
        }
        weightMap.properties().forEach(entry -> {
            String tensor = entry.getKey();
            String shard = entry.getValue().asText();
            if (!folder.resolve(shard).normalize().startsWith(folder.normalize())) {
                throw new InputException(index + " places tensor '" + tensor + "' in '" + shard + "', outside the checkpoint folder");
            }
            if (!files.containsKey(shard) && !Files.exists(folder.resolve(shard))) {
                throw new InputException(folder + " has no shard " + shard + ", where " + INDEX_FILE + " places tensor '" + tensor
                        + "'; the checkpoint is incomplete: fetch the missing shard");
            }
            SafeTensorsFile file = openFile(shard);
            if (!file.contains(tensor)) {
                throw new InputException(file.path() + " has no tensor '" + tensor + "', which " + INDEX_FILE
                        + " places there; shards and index are of different versions: fetch them again");
            }
            fileOf.put(tensor, file);
        });
    }

    private SafeTensorsFile openFile(String name) {
        return files.computeIfAbsent(name, n -> SafeTensorsFile.open(folder.resolve(n)));
    }

    /** The folder that was opened. */
    public Path folder() {
        return folder;
    }

    /** The root of {@code config.json}. */
    public JsonNode config() {
        return config;
    }

    /** The root of another JSON file of the folder; a missing node where there is no such file. */
    public JsonNode json(String name) {
        Path file = folder.resolve(name);
        return Files.exists(file) ? readJson(file) : JSON.missingNode();
    }

    /** The root of {@code generation_config.json}, where there is one. */
    public Optional<JsonNode> generationConfig() {
        return generationConfig;
    }

    /**
     * The ids that end a turn: {@code eos_token_id} (a number or a list) of {@code generation_config.json}, else of
     * {@code config.json}, else of its {@code text_config} or {@code llm_config}; empty where none is named.
     */
    public List<Integer> eosTokenIds() {
        Stream<JsonNode> places = Stream.concat(generationConfig.stream(),
                Stream.of(config, config.path("text_config"), config.path("llm_config")));
        return places.map(p -> p.path("eos_token_id"))
                .filter(id -> id.isInt() || id.isArray() && !id.isEmpty())
                .findFirst()
                .map(id -> id.isInt() ? List.of(id.intValue())
                        : StreamSupport.stream(id.spliterator(), false).map(this::eosId).toList())
                .orElse(List.of());
    }

    private int eosId(JsonNode id) {
        if (!id.isInt()) {
            throw new InputException(folder + ": eos_token_id holds " + id + ", expected token ids (whole numbers)");
        }
        return id.intValue();
    }

    /** Names of all tensors, sorted. */
    public SortedSet<String> names() {
        return Collections.unmodifiableNavigableSet(fileOf.navigableKeySet());
    }

    /** True when the checkpoint holds a tensor of this name. */
    public boolean contains(String name) {
        return fileOf.containsKey(name);
    }

    /**
     * Type, shape and mapped bytes of a tensor.
     *
     * @throws InputException if there is none of this name; the message lists near names
     */
    public TensorInfo info(String name) {
        return file(name).info(name);
    }

    private SafeTensorsFile file(String name) {
        SafeTensorsFile file = fileOf.get(name);
        if (file == null) {
            throw SafeTensorsFile.missing(name, folder.toString(), fileOf.keySet());
        }
        return file;
    }

    /**
     * Copies a floating-point tensor as float32 (BF16 and F16 widened exactly).
     *
     * @param expectedShape what the model's configuration asks for
     * @param dst           native-order float32, as many elements as the shape has
     * @throws InputException if the tensor is missing, has another shape, or an element is NaN or infinite
     */
    public void read(String name, long[] expectedShape, MemorySegment dst) {
        shaped(name, expectedShape).copyWeights(name, dst, Float.BYTES);
    }

    /**
     * Copies a floating-point tensor as bfloat16 (BF16 as it is, others rounded to nearest even).
     *
     * @param expectedShape what the model's configuration asks for
     * @param dst           native-order bfloat16, as many elements as the shape has
     * @throws InputException as {@link #read}
     */
    public void readBFloat16(String name, long[] expectedShape, MemorySegment dst) {
        shaped(name, expectedShape).copyWeights(name, dst, Short.BYTES);
    }

    private SafeTensorsFile shaped(String name, long[] expectedShape) {
        SafeTensorsFile file = file(name);
        long[] shape = file.info(name).shape();
        if (!Arrays.equals(shape, expectedShape)) {
            throw new InputException(file.path() + ": tensor '" + name + "' has shape " + Arrays.toString(shape)
                    + ", but config.json asks for " + Arrays.toString(expectedShape)
                    + "; weights and config.json are of different models: fetch both again from one place");
        }
        return file;
    }

    /**
     * Copies every file of this folder that is neither weights nor README: config.json, generation_config.json, tokenizer, chat
     * template, processor. With weights of the original's element type beside them the copy is a complete checkpoint.
     *
     * @param to an existing folder
     */
    public void copyTokenizerAndProcessorFiles(Path to) {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path from : entries.filter(Files::isRegularFile).sorted().toList()) {
                String name = from.getFileName().toString();
                if (!NOT_COPIED.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
                    Files.copy(from, to.resolve(name));
                }
            }
        } catch (IOException e) {
            throw DiskFailure.writing(to, e);
        }
    }

    /**
     * The same for weights that are stored as {@code weights}: {@code dtype} and {@code torch_dtype} of config.json then say so, at
     * every level where they stand. {@code transformers} casts weights to what they say.
     *
     * @param to an existing folder
     */
    public void copyTokenizerAndProcessorFiles(Path to, StoredType weights) {
        String dtype = switch (weights) {
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            default -> throw new IllegalArgumentException("weights are written as F32 or BF16, not " + weights);
        };
        copyTokenizerAndProcessorFiles(to);
        ObjectNode copy = config.deepCopy();
        if (!copy.has("dtype") && !copy.has("torch_dtype")) {
            copy.put("dtype", dtype);
        }
        for (String key : List.of("dtype", "torch_dtype")) {
            copy.findParents(key).forEach(level -> ((ObjectNode) level).put(key, dtype));
        }
        Path file = to.resolve("config.json");
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(copy));
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    private static JsonNode readJson(Path file) {
        try {
            JsonNode node = JSON.readTree(Files.readAllBytes(file));
            if (!node.isObject()) {
                throw new InputException(file + " is not a JSON object; fetch it again");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new InputException(file + " is not valid JSON (" + JsonFault.describe(e) + "); fetch it again", e);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e.getClass().getSimpleName()
                    + "); a Hugging Face checkpoint folder must have it: fetch it again", e);
        }
    }

    @Override
    public void close() {
        files.values().forEach(SafeTensorsFile::close);
        files.clear();
    }
}
