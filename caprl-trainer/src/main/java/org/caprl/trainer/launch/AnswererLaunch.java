package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.trainer.recipe.AnswererReport;

/** How an answerer reads captions of held-out synthetic scenes. */
public final class AnswererLaunch {
    private AnswererLaunch() {
    }

    /**
     * Measures.
     *
     * @param dtype of the weights in memory
     * @param template {@code short}, {@code default} or a file
     * @param examples of each kind of caption
     */
    public static AnswererReport run(Path model, WeightType dtype, String template, int examples, long seed, String backend,
            int threads, Consumer<String> log) {
        Backends.Choice choice = Backends.open(backend, threads);
        log.accept(choice.reason());
        try (TensorOps ops = choice.ops(); LoadedModel loaded = LoadedModel.load(model, ops, dtype);
                LocalAnswerer answerer = Generators.answerer(loaded, ops, template)) {
            return AnswererReport.of(answerer, seed, examples);
        }
    }
}
