package org.caprl.core.model.load;

import java.util.Arrays;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * Weights of a checkpoint folder, widened or rounded to what the model holds. A weight that is missing, of another shape than the config
 * implies, or not finite is an error that names it.
 *
 * <p>Names are those of the published repositories ({@code model.layers.…}, {@code visual.…}; {@code language_model.model.layers.…},
 * {@code vision_tower.…}); files with the names that {@code transformers} has in memory are read too
 * ({@code model.language_model.layers.…}, {@code model.visual.…}, {@code model.vision_tower.…}, {@code lm_head.…}).
 */
final class CheckpointWeights implements WeightSource {
    private static final int CHUNK = 1 << 20;

    private final HfCheckpoint checkpoint;
    private final TensorOps ops;

    /** Weights that nobody looks at. */
    CheckpointWeights(HfCheckpoint checkpoint) {
        this(checkpoint, null);
    }

    /**
     * Weights of which every one is looked at for values that are not finite.
     *
     * @param ops computes where the weights will lie
     */
    CheckpointWeights(HfCheckpoint checkpoint, TensorOps ops) {
        this.checkpoint = checkpoint;
        this.ops = ops;
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
        if (ops != null && !Double.isFinite(sumOfSquares(target))) {
            throw new InputException(checkpoint.folder() + ": tensor '" + stored + "' holds values that are NaN or infinite; "
                    + "the training that wrote it diverged, or the file is damaged: take an earlier checkpoint, or fetch it again");
        }
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

    /** Σ x², which no float32 can make infinite. */
    private double sumOfSquares(Tensor x) {
        if (x.dtype() == DType.F32) {
            return ops.sumOfSquares(x);
        }
        try (TensorScope scope = new TensorScope(ops.memory())) {
            int rows = Math.max(1, Math.min(x.rowCount(), CHUNK / Math.max(1, x.columns())));
            Tensor wide = scope.floats(rows, x.columns());
            double sum = 0;
            for (int row = 0; row < x.rowCount(); row += rows) {
                int n = Math.min(rows, x.rowCount() - row);
                ops.copy(x.rows(row, row + n).reshape(n, x.columns()), wide.rows(0, n));
                sum += ops.sumOfSquares(wide.rows(0, n));
            }
            return sum;
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

    /** The name that a weight has in files with the newer prefixes, if they give it one. */
    static String nested(String name) {
        return name.startsWith("visual.") ? "model." + name : name.replaceFirst("^(language_model\\.)?model\\.", "model.language_model.");
    }
}
