package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.DryOps;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.JudgeSection;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RunConfig;

/**
 * The frozen models in this JVM that read a run's captions, each loaded once, whatever asks it.
 *
 * @param loaded by folder and type of the weights
 * @param outlines no weights, for a dry run: what lies outside this JVM must then not be asked
 */
record RewardModels(Map<Weights, LoadedModel> loaded, boolean outlines) implements AutoCloseable {
    /**
     * Which weights.
     *
     * @param folder of the model
     * @param dtype in memory
     */
    record Weights(Path folder, WeightType dtype) {
        static Optional<Weights> of(OneAnswererSection answerer) {
            return answerer.path().map(path -> new Weights(path, answerer.dtype()));
        }

        static Weights of(JudgeSection judge) {
            return new Weights(judge.path(), judge.dtype());
        }
    }

    /** Loads what the configuration's rewards and evaluations ask. */
    static RewardModels load(RunConfig config, TensorOps ops) {
        return of(config, false, w -> LoadedModel.load(w.folder(), ops, w.dtype()));
    }

    /** The same models without weights, for a dry run. */
    static RewardModels outline(RunConfig config, DryOps ops) {
        return of(config, true, w -> LoadedModel.outline(w.folder(), ops, w.dtype()));
    }

    /** Whether any model must be loaded to score captions. */
    static boolean needed(RunConfig config) {
        return !wanted(config).isEmpty();
    }

    /** Folders of the models that must be loaded to score captions. */
    static List<Path> folders(RunConfig config) {
        return wanted(config).stream().map(Weights::folder).toList();
    }

    private static RewardModels of(RunConfig config, boolean outlines, Function<Weights, LoadedModel> load) {
        RewardModels models = new RewardModels(new LinkedHashMap<>(), outlines);
        try {
            wanted(config).forEach(w -> models.loaded.put(w, load.apply(w)));
            return models;
        } catch (RuntimeException e) {
            models.close();
            throw e;
        }
    }

    /** The model of an answerer; empty for a remote one. */
    Optional<LoadedModel> of(OneAnswererSection answerer) {
        return Weights.of(answerer).map(loaded::get);
    }

    /** The model of a judge. */
    LoadedModel of(JudgeSection judge) {
        return loaded.get(Weights.of(judge));
    }

    private static Set<Weights> wanted(RunConfig config) {
        Set<Weights> wanted = new LinkedHashSet<>();
        config.answerers().forEach(answerer -> Weights.of(answerer).ifPresent(wanted::add));
        config.reward().judge().ifPresent(judge -> wanted.add(Weights.of(judge)));
        return wanted;
    }

    @Override
    public void close() {
        loaded.values().forEach(LoadedModel::close);
    }
}
