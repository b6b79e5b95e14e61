package org.caprl.core.model.load;

import java.util.Arrays;
import java.util.stream.Stream;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/**
 * Weights of a checkpoint folder, widened or rounded to what the model holds.
 *
 * <p>Names are those of the published repositories ({@code model.layers.…}, {@code visual.…}); files saved with the newer prefixes
 * {@code model.language_model.} and {@code model.visual.} are read too, and those whose whole decoder lies under {@code language_model.}.
 */
final class CheckpointWeights implements WeightSource {
    private final HfCheckpoint checkpoint;

    CheckpointWeights(HfCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public void fill(String name, Tensor target) {
        long[] shape = Arrays.stream(target.shape()).asLongStream().toArray();
        target.write(elements -> {
            if (target.dtype() == DType.BF16) {
                checkpoint.readBFloat16(stored(name), shape, elements);
            } else {
                checkpoint.read(stored(name), shape, elements);
            }
        });
    }

    @Override
    public boolean has(String name) {
        return checkpoint.contains(stored(name));
    }

    /** The name that a weight has in the files. */
    String stored(String name) {
        if (checkpoint.contains(name)) {
            return name;
        }
        String language = name.startsWith("model.") ? name.substring("model.".length()) : name;
        return Stream.of("model." + name, "model.language_model." + language, "language_model." + name).filter(checkpoint::contains)
                .findFirst().orElse(name);
    }
}
