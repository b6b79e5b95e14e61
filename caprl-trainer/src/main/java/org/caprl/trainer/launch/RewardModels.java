package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.DryOps;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.AnswererSection;
import org.caprl.trainer.config.RunConfig;

/**
 * The frozen models in this JVM that read a run's captions, each loaded once, whatever asks it.
 *
 * @param loaded by folder and type of the weights
 * @param outlines no weights and borrowed processors, for a dry run: what lies outside this JVM must then not be asked
 */
record RewardModels(Map<Weights, LoadedModel> loaded, boolean outlines) implements AutoCloseable {
    /**
     * Which weights.
     *
     * @param folder of the model
     * @param dtype in memory
     */
    record Weights(Path folder, WeightType dtype) {
        static Weights of(AnswererSection answerer) {
            return new Weights(answerer.path(), answerer.dtype());
        }
    }

    /** Loads what the configuration's rewards and evaluations ask. */
    static RewardModels load(RunConfig config, TensorOps ops) {
        RewardModels models = new RewardModels(new LinkedHashMap<>(), false);
        try {
            wanted(config).forEach(w -> models.loaded.put(w, LoadedModel.load(w.folder(), ops, w.dtype())));
            return models;
        } catch (RuntimeException e) {
            models.close();
            throw e;
        }
    }

    /** The same models without weights, for a dry run; processors are lent. */
    RewardModels outlined(DryOps ops) {
        Map<Weights, LoadedModel> models = new LinkedHashMap<>();
        loaded.forEach((w, model) -> models.put(w,
                new LoadedModel(w.folder(), Models.outline(w.folder(), ops, w.dtype()), model.processor())));
        return new RewardModels(models, true);
    }

    /** The model of an answerer. */
    LoadedModel of(AnswererSection answerer) {
        return loaded.get(Weights.of(answerer));
    }

    private static Set<Weights> wanted(RunConfig config) {
        return new LinkedHashSet<>(Set.of(Weights.of(config.answerer())));
    }

    @Override
    public void close() {
        loaded.values().forEach(model -> {
            if (outlines) {
                model.model().close();
            } else {
                model.close();
            }
        });
    }
}
