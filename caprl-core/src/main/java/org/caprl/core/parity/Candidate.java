package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.config.UnsupportedModelException;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** A checkpoint as this engine reads it: what is compared with the golden data. Parts are loaded when they are first asked for. */
final class Candidate implements AutoCloseable {
    private final Path folder;
    private final TensorOps ops;
    private CausalLm model;
    private Processor processor;

    Candidate(Path folder, TensorOps ops) {
        this.folder = folder;
        this.ops = ops;
    }

    /** Why this version can't compute the model, or empty. */
    Optional<String> unsupported() {
        Path config = folder.resolve("config.json");
        if (!Models.supports(GoldenDirectory.json(config))) {
            return Optional.of("model_type '" + GoldenDirectory.json(config).path("model_type").asText() + "' is not supported");
        }
        try {
            model();
        } catch (UnsupportedModelException e) {
            return Optional.of(e.getMessage());
        } catch (InputException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** {@code generation_config.json}, or a missing node. */
    JsonNode generationConfig() {
        Path file = folder.resolve("generation_config.json");
        return Files.exists(file) ? GoldenDirectory.json(file) : MissingNode.getInstance();
    }

    TensorOps ops() {
        return ops;
    }

    CausalLm model() {
        if (model == null) {
            model = loadAgain();
        }
        return model;
    }

    /** A model of its own, for whoever changes weights. */
    CausalLm loadAgain() {
        return Models.load(folder, ops);
    }

    Processor processor() {
        if (processor == null) {
            processor = Processor.load(folder);
        }
        return processor;
    }

    /** Logits [rows, vocab] of normed hidden states [rows, hidden]. */
    float[] logits(float[] hidden) {
        CausalLm.TextShape shape = model().shape();
        int rows = hidden.length / shape.hidden();
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tensor y = scope.floats(rows, shape.vocab());
            ops.linear(scope.floatsOf(hidden, rows, shape.hidden()), model().head().value(), null, y);
            return values(y);
        }
    }

    static float[] values(Tensor tensor) {
        return tensor.toFloats();
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
        if (processor != null) {
            processor.close();
        }
    }
}
