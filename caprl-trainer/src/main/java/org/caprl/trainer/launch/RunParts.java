package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.LengthReward;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
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
 * @param answerer answers questions on them
 * @param recipe a step
 * @param evaluation of held-out images
 */
record RunParts(AdamW optimizer, CaptionEngine engine, LocalAnswerer answerer, GrpoRecipe recipe, Evaluation evaluation)
        implements AutoCloseable {
    private static final int PREFILL_TOKENS = 8192;

    /**
     * The parts.
     *
     * @param policy the model that is trained, with its processor
     * @param frozen the answerer's model
     * @param reference the policy of the KL term, which is {@code policy} itself where adapters are trained; null where there is none
     * @param rows training samples
     * @param prompts images of a step
     * @param evalRows held-out samples
     * @param room limits of the caption engine
     * @param sampling of training captions
     * @param sink takes each step's captions
     */
    static RunParts of(RunConfig config, TensorOps ops, LoadedModel policy, LoadedModel frozen, CausalLm reference, ImageRows rows,
            int prompts, List<ImageRows.Row> evalRows, GeneratorLimits room, SamplingParams sampling, GrpoRecipe.SampleSink sink) {
        TrainerSection t = config.trainer();
        RolloutSection r = config.rollout();
        AdamW optimizer = optimizer(config, ops, policy.model());
        CaptionEngine engine = engine(config, ops, policy.model(), policy.processor()::text, room);
        LocalAnswerer answerer = new LocalAnswerer(frozen.model(), ops, frozen.processor(),
                AnswererPrompt.named(config.answerer().template()), config.reward().answerTemperature(), config.reward().answerMaxTokens(),
                answererLimits(config, frozen.model()));
        PolicyUpdate update = update(config, ops, policy.model(), reference, optimizer);
        GrpoRecipe recipe = new GrpoRecipe(rows, policy.processor(), engine, rewards(config, answerer), t.advantage().function(), update,
                sink, new GrpoRecipe.Settings(config.seed(), prompts, r.captionsPerPrompt(), sampling, t.loss().maskTruncated(),
                        config.reward().maxUnscoredShare(), t.shuffleRewards()));
        return new RunParts(optimizer, engine, answerer, recipe, new Evaluation(evalRows, policy.processor(), answerer, r.maxNewTokens()));
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

    static GeneratorLimits answererLimits(RunConfig config, CausalLm frozen) {
        int longest = Math.min(frozen.shape().maxPositions(), 2 * config.rollout().maxNewTokens() + 512);
        return GeneratorLimits.roomFor(config.rollout().maxRows(), config.reward().questionsPerCaption(), longest,
                longest / 2 + config.reward().answerMaxTokens(), PREFILL_TOKENS, "rollout.max_rows");
    }

    private static WeightedRewards rewards(RunConfig config, LocalAnswerer answerer) {
        List<WeightedRewards.Part> parts = new ArrayList<>();
        parts.add(new WeightedRewards.Part(new QaReward(new QuestionPaper(config.reward().questionsPerCaption()), answerer),
                config.reward().qaWeight()));
        if (config.reward().length().weight() != 0) {
            parts.add(new WeightedRewards.Part(new LengthReward(config.reward().length().l1(), config.reward().length().l2()),
                    config.reward().length().weight()));
        }
        return new WeightedRewards(parts);
    }

    @Override
    public void close() {
        answerer.close();
        engine.close();
        optimizer.close();
    }
}
