package org.caprl.trainer.state;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.caprl.core.data.Cursor;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.update.AdamW;

/** A model of one layer with its optimizer, whose numbers can be set to those of a step, so that a saved step is known by its content. */
final class TinyPolicy implements AutoCloseable {
    static final long SEED = 42;

    final Path source;
    final TensorOps ops;
    final CausalLm model;
    final AdamW optimizer;

    /** Makes the checkpoint {@code source} where it is not there. */
    TinyPolicy(Path source) {
        this.source = source;
        this.ops = Backends.open("reference", 1).ops();
        if (!Files.exists(source)) {
            try {
                new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 20, 64, 7).write(source, List.of("a red circle"), ops);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        this.model = Models.load(source, ops);
        this.optimizer = new AdamW(ops, model.params(), AdamW.Settings.DEFAULT);
    }

    /** Weights and moments as after {@code step}: different in every element, step and tensor. */
    void setTo(int step) {
        model.params().values().forEach(v -> fill(v.value(), step));
        optimizer.moments().values().forEach(m -> {
            fill(m.first(), step + 0.25f);
            fill(m.second(), step + 0.5f);
        });
        optimizer.resumeAt(2 * step);
    }

    /** Whether every element is as {@link #setTo} made it. */
    boolean isAt(int step) {
        return optimizer.steps() == 2 * step
                && model.params().values().stream().allMatch(v -> holds(v.value(), step))
                && optimizer.moments().values().stream().allMatch(m -> holds(m.first(), step + 0.25f) && holds(m.second(), step + 0.5f));
    }

    TrainState state(int step) {
        return new TrainState(step, 2 * step, step, SEED, new Cursor(SEED, 0, 4L * step),
                JsonNodeFactory.instance.objectNode().put("best", step / 8.0));
    }

    /** Writes the checkpoint of {@code step} into a folder. */
    Consumer<Path> writer(int step) {
        return folder -> Checkpoint.write(folder, state(step), model, source, optimizer);
    }

    private static void fill(Tensor tensor, float base) {
        for (long i = 0; i < tensor.size(); i++) {
            tensor.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, value(base, i));
        }
        tensor.markWritten();
    }

    private static boolean holds(Tensor tensor, float base) {
        for (long i = 0; i < tensor.size(); i++) {
            if (tensor.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i) != value(base, i)) {
                return false;
            }
        }
        return true;
    }

    private static float value(float base, long i) {
        return (base + i) / 3;
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
        ops.close();
    }
}
