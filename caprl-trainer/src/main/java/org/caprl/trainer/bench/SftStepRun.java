package org.caprl.trainer.bench;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.launch.LoadedModel;
import org.caprl.trainer.recipe.SftRecipe;
import org.caprl.trainer.update.AdamW;

/** One step of {@link SftRecipe} over sequences that are always the same. */
final class SftStepRun implements CaseRun {
    private final BenchCase wanted;
    private final TensorOps ops;
    private final LoadedModel loaded;
    private final AdamW optimizer;
    private final List<PackedGroup> sequences = new ArrayList<>();

    SftStepRun(BenchCase wanted, LoadedModel loaded, TensorOps ops) {
        this.wanted = wanted;
        this.ops = ops;
        this.loaded = loaded;
        this.optimizer = new AdamW(ops, loaded.model().params(), AdamW.Settings.DEFAULT);
        RandomPrompts random = new RandomPrompts(loaded.processor(), loaded.folder());
        for (Prompt prompt : random.of(wanted)) {
            int[] rest = random.ids(wanted.prompts() + sequences.size(), wanted.newTokens());
            sequences.add(new PackedGroup(prompt, List.of(PackedGroup.Completion.of(rest))));
        }
    }

    @Override
    public void run() {
        int before = optimizer.steps();
        SftRecipe.Settings oneMore = new SftRecipe.Settings(before + 1, sequences.size(), Updates.MICRO_BATCH_TOKENS, 0);
        new SftRecipe(ops, loaded.model(), optimizer, Updates.LEARNING_RATE, oneMore)
                .run(index -> sequences.get((int) (index % sequences.size())), report -> {
                    if (report.tokens() != (long) wanted.rows() * wanted.newTokens()) {
                        throw new IllegalStateException(wanted + " did " + report);
                    }
                });
        if (optimizer.steps() != before + 1) {
            throw new IllegalStateException(wanted + " made " + (optimizer.steps() - before) + " updates");
        }
    }

    @Override
    public Lengths lengths() {
        return new Lengths(wanted.rows(), wanted.promptTokens(), Updates.imageTokens(loaded, sequences.getFirst().prompt()),
                wanted.newTokens());
    }

    @Override
    public CausalLm model() {
        return loaded.model();
    }

    @Override
    public void close() {
        optimizer.close();
        loaded.close();
    }
}
