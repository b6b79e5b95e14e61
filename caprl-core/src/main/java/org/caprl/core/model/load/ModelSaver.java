package org.caprl.core.model.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.checkpoint.ShardedWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;

/**
 * Writes models as Hugging Face folders that {@link Models#load} and {@code from_pretrained} of {@code transformers} read.
 *
 * <p>Everything is written straight into the given folder; give one of an {@link org.caprl.core.checkpoint.AtomicDirectory} to have
 * it whole or not at all.
 */
public final class ModelSaver {
    private ModelSaver() {
    }

    /** {@link #save(CausalLm, Path, Path, StoredType)} in float32, which keeps the weights to the bit. */
    public static void save(CausalLm model, Path source, Path target) {
        save(model, source, target, StoredType.F32);
    }

    /**
     * Writes a complete checkpoint: the weights, and beside them config, generation config, tokenizer, chat template and processor of
     * the folder that the model was loaded from.
     *
     * <p>Weights get the names that they have in {@code source}, older or newer layout alike. A head that is tied to the embeddings is
     * one tensor. Tensors of {@code source} that the model does not use are not written.
     *
     * @param source the folder that the model was loaded from
     * @param target an existing, empty folder
     * @param type F32, or BF16 (rounded to nearest even)
     * @throws InputException if {@code source} is no longer the complete checkpoint of this model, or {@code target} may not be written
     * @throws org.caprl.core.RunStoppedException if the disk is full
     */
    public static void save(CausalLm model, Path source, Path target, StoredType type) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(source)) {
            CheckpointWeights weights = new CheckpointWeights(checkpoint);
            writeWeights(model, target, type, name -> {
                if (!weights.has(name)) {
                    throw new InputException("cannot save the model with the files of " + source + ": that checkpoint has no tensor '"
                            + name + "'; give the folder that the model was loaded from");
                }
                return weights.stored(name);
            });
            checkpoint.copyTokenizerAndProcessorFiles(target, type);
        }
    }

    /**
     * Writes the weights alone, as {@code model.safetensors} or in shards.
     *
     * @param target an existing folder without weights
     * @param storedName from a name that the model has to the name in the files
     */
    static void writeWeights(CausalLm model, Path target, StoredType type, UnaryOperator<String> storedName) {
        List<StoredTensor> tensors = new ArrayList<>();
        model.params().all().forEach((name, weight) -> tensors.add(new StoredTensor(storedName.apply(name), type,
                Arrays.stream(weight.value().shape()).asLongStream().toArray(), weight.value().toHost())));
        ShardedWriter.write(target, tensors, ShardedWriter.DEFAULT_MAX_SHARD_BYTES);
    }
}
