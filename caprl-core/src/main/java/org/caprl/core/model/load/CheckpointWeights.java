package org.caprl.core.model.load;

import java.util.Arrays;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/**
 * Weights of a checkpoint folder, widened or rounded to what the model holds. A weight that is missing, of another shape than the config
 * implies, or not finite is an error that names it.
 *
 * <p>Names are those of the published repositories ({@code model.layers.…}, {@code visual.…}; {@code language_model.model.layers.…},
 * {@code vision_tower.…}); files with the names that {@code transformers} has in memory are read too
 * ({@code model.language_model.layers.…}, {@code model.visual.…}, {@code model.vision_tower.…}, {@code lm_head.…}).
 */
final class CheckpointWeights implements WeightSource {
    private final HfCheckpoint checkpoint;

    CheckpointWeights(HfCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public void fill(String name, Tensor target) {
        String stored = stored(name);
        long[] shape = Arrays.stream(target.shape()).asLongStream().toArray();
        requireShape(name, stored, shape);
        target.write(elements -> {
            if (target.dtype() == DType.BF16) {
                checkpoint.readBFloat16(stored, shape, elements);
            } else {
                checkpoint.read(stored, shape, elements);
            }
        });
    }

    private void requireShape(String name, String stored, long... shape) {
        if (!checkpoint.contains(stored)) {
            return; // reading it says so
        }
        long[] found = checkpoint.info(stored).shape();
        if (!Arrays.equals(found, shape)) {
            throw new InputException(checkpoint.folder() + ": tensor '" + stored + "' has shape " + Arrays.toString(found)
                    + ", but config.json implies " + Arrays.toString(shape) + ShapeKeys.explain(name, found, shape)
                    + "; weights and config.json are of different models: fetch both again from one place");
        }
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
        String outside = name.replaceFirst("^language_model\\.", "");
        return Stream.of(nested(name), outside, "model." + name).filter(checkpoint::contains).findFirst().orElse(name);
    }

    /** The name that a weight of a vision-language model has in memory of {@code transformers}, and in Qwen3-VL's repositories. */
    static String nested(String name) {
        return name.startsWith("visual.") ? "model." + name : name.replaceFirst("^(language_model\\.)?model\\.", "model.language_model.");
    }
}
