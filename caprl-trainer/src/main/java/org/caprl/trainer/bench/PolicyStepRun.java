package org.caprl.trainer.bench;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.launch.LoadedModel;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.PolicyUpdate;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.caprl.trainer.update.UpdateReport;

/** One {@link PolicyUpdate#step} over groups that are always the same: each prompt is computed once for all its captions. */
final class PolicyStepRun implements CaseRun {
    private final BenchCase wanted;
    private final LoadedModel loaded;
    private final AdamW optimizer;
    private final PolicyUpdate update;
    private final List<TrainingGroup> groups = new ArrayList<>();

    PolicyStepRun(BenchCase wanted, LoadedModel loaded, TensorOps ops) {
        this.wanted = wanted;
        this.loaded = loaded;
        this.optimizer = new AdamW(ops, loaded.model().params(), AdamW.Settings.DEFAULT);
        this.update = Updates.of(ops, loaded, optimizer, wanted.newTokens());
        RandomPrompts random = new RandomPrompts(loaded.processor(), loaded.folder());
        for (Prompt prompt : random.of(wanted)) {
            List<TrainingCaption> captions = new ArrayList<>();
            for (int i = 0; i < wanted.captions(); i++) {
                int[] ids = random.ids(wanted.rows() * (groups.size() + 1L) + i, wanted.newTokens());
                captions.add(new TrainingCaption(ids, null, i % 2 == 0 ? 1f : -1f, false));
            }
            groups.add(new TrainingGroup(prompt, captions));
        }
    }

    @Override
    public void run() {
        UpdateReport report = update.step(groups);
        int rows = groups.stream().mapToInt(g -> g.packed().rows()).sum();
        if (report.rows() != rows || !(report.gradNorm() > 0)) {
            throw new IllegalStateException(wanted + " did " + report + ", expected " + rows + " rows and a gradient");
        }
    }

    @Override
    public Lengths lengths() {
        return new Lengths(wanted.rows(), wanted.promptTokens(), Updates.imageTokens(loaded, groups.getFirst().prompt()),
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
