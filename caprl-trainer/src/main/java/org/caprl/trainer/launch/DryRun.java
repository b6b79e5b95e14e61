package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.SampleSource;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.DryOps;
import org.caprl.trainer.config.MemoryPlan;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.ImageRows;

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
     * The memory of a run whose captions are as long as they may be.
     *
     * @param policy lends its processor; its weights are not touched
     * @param frozen what reads captions, likewise
     * @param samples of {@code rows}; is put back where it stands
     * @param held rows of the evaluation
     */
    static MemoryPlan memory(RunConfig config, LoadedModel policy, RewardModels frozen, SampleSource samples, ImageRows rows, ImageRows held,
            GeneratorLimits room) {
        RolloutSection r = config.rollout();
        SamplingParams endless = endless(r);
        int images = config.eval().images() == 0 ? room.decodeRows() : Math.min(config.eval().images(), room.decodeRows());
        int prompts = prompts(config, room);
        Cursor before = samples.cursor();
        try (DryOps ops = new DryOps();
                CausalLm trained = Models.outline(policy.folder(), ops, LocalLaunch.trainedType(config), LocalLaunch.adapters(config));
                RewardModels asked = frozen.outlined(ops);
                CausalLm copy = LocalLaunch.copiesReference(config) ? Models.outline(policy.folder(), ops, config.policy().dtype()) : null;
                RunParts parts = RunParts.of(config, ops, new LoadedModel(policy.folder(), trained, policy.processor()), asked,
                        copy == null ? trained : copy, rows, prompts, held.first(images), room, endless, (step, groups, scored) -> { })) {
            parts.evaluation().run(parts.engine());
            parts.recipe().step(1);
            return MemoryPlan.of(ops.memory());
        } finally {
            samples.seek(before);
        }
    }
}
