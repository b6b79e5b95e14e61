package org.caprl.core.model.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.checkpoint.SafeTensorsWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.internvl.InternVl;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/**
 * Low-rank adapters in a folder as peft has it: {@code adapter_config.json}, which names the folder of the base model, and
 * {@code adapter_model.safetensors}. {@code PeftModel.from_pretrained} loads what {@link #save} writes.
 */
public final class AdapterFolder implements AutoCloseable {
    private static final String WEIGHTS = "adapter_model.safetensors";

    private final Path folder;
    private final Path base;
    private final PeftConfig config;
    private final SafeTensorsFile file;
    /** Tensors by {@link #key}. */
    private final Map<String, String> tensorOf = new TreeMap<>();

    private AdapterFolder(Path folder, Path base, PeftConfig config, SafeTensorsFile file) {
        this.folder = folder;
        this.base = base;
        this.config = config;
        this.file = file;
    }

    /** Whether a folder holds adapters in place of a model. */
    public static boolean isAt(Path folder) {
        return Files.exists(folder.resolve(PeftConfig.FILE));
    }

    /** Opens adapters over the base that they name: a path as it stands, or one that starts from the folder itself. */
    public static AdapterFolder open(Path folder) {
        PeftConfig config = PeftConfig.read(folder);
        Path named = Path.of(config.base());
        Path base = Files.isDirectory(named) || !Files.isDirectory(folder.resolve(named)) ? named : folder.resolve(named);
        if (config.base().isEmpty() || !Files.isDirectory(base)) {
            throw new InputException("the adapter " + folder + " belongs to the model '" + config.base() + "', which is no folder here; "
                    + "put that model there, or give its folder as base_model_name_or_path in " + folder.resolve(PeftConfig.FILE));
        }
        return open(folder, base);
    }

    /**
     * Opens adapters over a base of the caller's choice.
     *
     * @throws InputException if a file is missing or broken, or holds settings or tensors that are not a LoRA's
     */
    public static AdapterFolder open(Path folder, Path base) {
        PeftConfig config = PeftConfig.read(folder);
        if (isAt(base)) {
            throw new InputException("the adapter " + folder + " has another adapter as its base, " + base
                    + "; merge that one first: caprl export --model " + base + " --out DIR");
        }
        if (!Files.exists(folder.resolve(WEIGHTS))) {
            throw new InputException(folder + " has no " + WEIGHTS
                    + "; save the adapter again with peft's save_pretrained, or fetch the file");
        }
        AdapterFolder opened = new AdapterFolder(folder, base, config, SafeTensorsFile.open(folder.resolve(WEIGHTS)));
        try {
            opened.readNames();
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void readNames() {
        for (String name : file.names()) {
            boolean known = name.startsWith(PeftNames.PREFIX) && (name.endsWith(Adapters.A) || name.endsWith(Adapters.B));
            if (!known) {
                throw new InputException(file.path() + ": tensor '" + name + "' is none of a LoRA of linear layers ("
                        + PeftNames.PREFIX + "LAYER" + Adapters.A + " or " + Adapters.B + "); such adapters are not supported");
            }
            tensorOf.put(key(name.substring(PeftNames.PREFIX.length())), name);
        }
        if (tensorOf.isEmpty()) {
            throw new InputException(file.path() + " holds no adapter; save it again");
        }
    }

    /** The folder of the base model, with its configuration, tokenizer and processor. */
    public Path base() {
        return base;
    }

    /** The base model with these adapters beside its weights: the arithmetic of training. */
    CausalLm model(TensorOps ops, WeightType type) {
        return build(ops, type, weights -> weights, new Adapters(config.settings(), this::adapts, source()));
    }

    /** The same without numbers. */
    CausalLm outline(TensorOps ops, WeightType type) {
        return build(ops, type, weights -> new Unfilled(), new Adapters(config.settings(), this::adapts, new Unfilled()));
    }

    /** A plain model, W + scaling · B · A in place of each adapted W; summed in float32, then rounded to {@code type}. */
    CausalLm merged(TensorOps ops, WeightType type) {
        return build(ops, type, weights -> new MergedWeights(weights, this, ops), null);
    }

    private interface Wrapping {
        WeightSource around(WeightSource weights);
    }

    private CausalLm build(TensorOps ops, WeightType type, Wrapping wrapping, Adapters adapters) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(base)) {
            requireClass(checkpoint);
            CausalLm model = Models.build(Models.config(checkpoint), base.resolve("config.json").toString(), ops,
                    wrapping.around(new CheckpointWeights(checkpoint)), type, adapters);
            try {
                requireLayers(model);
                return model;
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    private void requireClass(HfCheckpoint checkpoint) {
        List<String> classes = classes(checkpoint);
        if (!config.baseClass().isEmpty() && !classes.isEmpty() && !classes.contains(config.baseClass())) {
            throw new InputException("the adapter " + folder + " belongs to a " + config.baseClass() + ", but " + base + " is a "
                    + String.join(", ", classes) + "; correct base_model_name_or_path in " + folder.resolve(PeftConfig.FILE));
        }
    }

    private static List<String> classes(HfCheckpoint checkpoint) {
        return StreamSupport.stream(checkpoint.config().path("architectures").spliterator(), false).map(n -> n.asText()).toList();
    }

    private void requireLayers(CausalLm model) {
        Set<String> layers = new HashSet<>();
        model.params().linearLayers().forEach(layer -> layers.add(PeftNames.layer(layer)));
        List<String> foreign = tensorOf.keySet().stream().map(Adapters::layerOf).distinct()
                .filter(layer -> !layers.contains(layer)).toList();
        if (!foreign.isEmpty()) {
            throw new InputException("the adapter " + folder + " is of another model: " + base + " (" + model.family()
                    + ") has no linear layer " + foreign.getFirst()
                    + (foreign.size() > 1 ? " and " + (foreign.size() - 1) + " others of its layers" : "")
                    + "; correct base_model_name_or_path in " + folder.resolve(PeftConfig.FILE));
        }
    }

    /** Overwrites the adapters of a model in place, to the bit. */
    void reload(CausalLm model) {
        requireLayers(model);
        WeightSource source = source();
        model.params().adapterWeights().forEach((name, weight) -> {
            source.fill(name, weight.value());
            weight.value().markWritten();
        });
    }

    /** Whether a layer of the model has an adapter here. */
    boolean adapts(String layer) {
        return tensorOf.containsKey(key(Adapters.nameOfA(layer))) || tensorOf.containsKey(key(Adapters.nameOfB(layer)));
    }

    float scaling() {
        return config.settings().scaling();
    }

    int rank() {
        return config.settings().r();
    }

    /** Fills weights that are named as {@link Adapters} says. */
    WeightSource source() {
        return new WeightSource() {
            @Override
            public void fill(String name, Tensor target) {
                AdapterFolder.this.fill(name, target);
            }

            @Override
            public boolean has(String name) {
                return tensorOf.containsKey(key(name));
            }
        };
    }

    /** One name for an adapter's weight, however files call its layer. */
    private static String key(String weight) {
        String layer = PeftNames.layer(Adapters.layerOf(weight));
        return weight.endsWith(Adapters.A) ? Adapters.nameOfA(layer) : Adapters.nameOfB(layer);
    }

    private void fill(String name, Tensor target) {
        String stored = tensorOf.get(key(name));
        if (stored == null) {
            throw new InputException(file.path() + " has no tensor for " + name + ", though it has the other half of that adapter; "
                    + "save the adapter again");
        }
        long[] found = file.info(stored).shape();
        if (!Arrays.equals(found, shape(target))) {
            throw new InputException(file.path() + ": tensor '" + stored + "' has shape " + Arrays.toString(found)
                    + ", but with r = " + rank() + " the base model " + base + " asks for " + Arrays.toString(shape(target))
                    + "; the adapter is of another model: correct base_model_name_or_path in " + folder.resolve(PeftConfig.FILE));
        }
        target.write(elements -> file.copyFloats(stored, elements));
    }

    private static long[] shape(Tensor tensor) {
        return Arrays.stream(tensor.shape()).asLongStream().toArray();
    }

    /**
     * Writes a model's adapters in float32, which keeps them to the bit.
     *
     * @param base the folder of the model that they belong to
     * @param target an existing folder; give one of an {@link org.caprl.core.checkpoint.AtomicDirectory} to have it whole or not at all
     */
    public static void save(CausalLm model, Path base, Path target) {
        Params params = model.params();
        boolean nested = model.imageToken() >= 0 && !model.family().equals(InternVl.CHAT);
        List<StoredTensor> tensors = new ArrayList<>();
        params.adapterWeights().forEach((name, weight) -> {
            String layer = Adapters.layerOf(name);
            String stored = PeftNames.PREFIX + PeftNames.module(layer, nested) + name.substring(layer.length());
            tensors.add(new StoredTensor(stored, StoredType.F32, shape(weight.value()), weight.value().toHost()));
        });
        SafeTensorsWriter.write(target.resolve(WEIGHTS), tensors);
        try (HfCheckpoint checkpoint = HfCheckpoint.open(base)) {
            List<String> classes = classes(checkpoint);
            new PeftConfig(base.toAbsolutePath().normalize().toString(), classes.isEmpty() ? "" : classes.getFirst(), params.lora())
                    .write(target, LoraTargets.forPeft(params, nested));
        }
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        file.close();
    }
}
