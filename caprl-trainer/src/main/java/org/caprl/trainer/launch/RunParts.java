package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.TrainerSection;
import org.caprl.trainer.recipe.Evaluation;
import org.caprl.trainer.recipe.GrpoRecipe;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.PolicyUpdate;

/**
 * What a run in this JVM consists of, built from its configuration on whatever backend and models.
 *
 * @param optimizer of the policy
 * @param engine writes captions
 * @param reward scores them
 * @param recipe a step
 * @param evaluation of held-out images
 */
record RunParts(AdamW optimizer, CaptionEngine engine, RewardParts reward, GrpoRecipe recipe, Evaluation evaluation)
        implements AutoCloseable {
    /**
     * The parts.
     *
     * @param policy the model that is trained, with its processor
     * @param frozen what reads captions
     * @param reference the policy of the KL term, which is {@code policy} itself where adapters are trained; null where there is none
     * @param rows training samples
     * @param prompts images of a step
     * @param evalRows held-out samples
     * @param room limits of the caption engine
     * @param sampling of training captions
     * @param sink takes each step's captions
     */
    static RunParts of(RunConfig config, TensorOps ops, LoadedModel policy, RewardModels frozen, CausalLm reference, ImageRows rows,
            int prompts, List<ImageRows.Row> evalRows, GeneratorLimits room, SamplingParams sampling, GrpoRecipe.SampleSink sink) {
        TrainerSection t = config.trainer();
        RolloutSection r = config.rollout();
        AdamW optimizer = optimizer(config, ops, policy.model());
        CaptionEngine engine = engine(config, ops, policy.model(), policy.processor()::text, room);
        RewardParts reward = RewardParts.of(config, ops, frozen);
        PolicyUpdate update = update(config, ops, policy.model(), reference, optimizer);
        GrpoRecipe recipe = new GrpoRecipe(rows, policy.processor(), engine, reward.rewards(), t.advantage().function(), update,
                sink, new GrpoRecipe.Settings(config.seed(), prompts, r.captionsPerPrompt(), sampling, t.loss().maskTruncated(),
                        config.reward().maxUnscoredShare(), t.shuffleRewards()));
        return new RunParts(optimizer, engine, reward, recipe,
                new Evaluation(evalRows, policy.processor(), reward.answerer(), r.maxNewTokens()));
    }

    static AdamW optimizer(RunConfig config, TensorOps ops, CausalLm policy) {
        TrainerSection t = config.trainer();
        return new AdamW(ops, policy.params(), new AdamW.Settings(t.beta1(), t.beta2(), t.epsilon(), t.weightDecay(), t.maxGradNorm()));
    }

    /** @param tokens for stop strings */
    static CaptionEngine engine(RunConfig config, TensorOps ops, CausalLm policy, TokenText tokens, GeneratorLimits room) {
        boolean own = config.policy().dtype() == WeightType.FLOAT32 || config.policy().lora().isPresent();
        return own ? new LocalCaptionEngine(policy, ops, tokens, room)
                : new LocalCaptionEngine(policy, Models.outline(config.policy().path(), ops, config.policy().dtype()), ops, tokens, room);
    }

    static PolicyUpdate update(RunConfig config, TensorOps ops, CausalLm policy, CausalLm reference, AdamW optimizer) {
        TrainerSection t = config.trainer();
        return new PolicyUpdate(ops, policy, reference, optimizer, t.learningRates(), t.loss().function(),
                new PolicyUpdate.Settings(t.updatesPerStep(), t.microBatchTokens(), t.recompute(), (float) config.rollout().temperature(),
                        config.rollout().maxNewTokens(), config.seed()));
    }

    @Override
    public void close() {
        reward.close();
        engine.close();
        optimizer.close();
    }
}
