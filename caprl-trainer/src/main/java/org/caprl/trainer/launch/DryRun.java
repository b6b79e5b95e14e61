package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.Cursor;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.DryOps;
import org.caprl.trainer.config.MemoryPlan;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.Overlap;

/**
 * What a run will need, learnt from its own first step and evaluation on a backend that computes nothing. Of a step with more prompts than
 * are decoded at once only so many are taken: the others come after them and take no more.
 */
final class DryRun {
    private DryRun() {
    }

    private static int prompts(RunConfig config, GeneratorLimits room) {
        int atOnce = Math.ceilDiv(room.decodeRows(), config.rollout().captionsPerPrompt()) + 1;
        return Math.clamp(atOnce, config.trainer().updatesPerStep(), config.trainer().promptsPerStep());
    }

    /** Captions that end only where they must. */
    static SamplingParams endless(RolloutSection r) {
        return new SamplingParams(r.temperature(), r.topK(), r.topP(), r.minP(), r.repetitionPenalty(), r.maxNewTokens(), List.of(),
                List.of(), StopRule.NONE);
    }

    /**
     * The memory of a run in one JVM whose captions are as long as they may be. The training samples are put back where they stand.
     *
     * @throws InputException if a model's config.json or a reward's tokenizer can't be read
     */
    static MemoryPlan memory(RunInputs inputs) {
        RunConfig config = inputs.config();
        GeneratorLimits room = inputs.room();
        int images = config.eval().images() == 0 ? room.decodeRows() : Math.min(config.eval().images(), room.decodeRows());
        Path policy = config.policy().path();
        Cursor before = inputs.samples().cursor();
        try (DryOps ops = new DryOps();
                CausalLm trained = Models.outline(policy, ops, LocalParts.trainedType(config), LocalParts.adapters(config));
                RewardModels frozen = RewardModels.outline(config, ops);
                CausalLm copy = LocalParts.copiesReference(config) ? Models.outline(policy, ops, config.policy().dtype()) : null;
                Opened opened = new Opened()) {
            LocalParts parts = LocalParts.of(opened, config, LocalBackends.of(ops), trained, inputs.processor()::text, frozen,
                    copy == null ? trained : copy, room);
            TrainingRun.evaluation(inputs, inputs.held().first(images), parts).run(parts.engine());
            TrainingRun.recipe(inputs, prompts(config, room), endless(config.rollout()), parts, Overlap.NONE, () -> false,
                    (step, groups, scored) -> { }).step(1);
            return MemoryPlan.of(ops.memory());
        } finally {
            inputs.samples().seek(before);
        }
    }
}
