package org.caprl.trainer.launch;

import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.TokenText;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.LetterReader;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.TrainerSection;
import org.caprl.trainer.recipe.Overlap;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.PolicyUpdate;

/**
 * What a run in this JVM consists of, built from its configuration on whatever backend and models.
 *
 * @param trainer updates the policy
 * @param engine writes captions
 * @param reward answers questions on them, and says what they are worth
 * @param backends that they compute on
 * @param opened what is closed with the parts: themselves, and models that were opened for them
 */
record LocalParts(LocalPolicyTrainer trainer, CaptionEngine engine, RewardParts reward, LocalBackends backends, Opened opened)
        implements TrainingParts {
    /**
     * The parts.
     *
     * @param opened takes every part as soon as it is there; the caller closes it when the building fails
     * @param policy the model that is trained, from {@code policy.path}
     * @param tokens of the policy, for stop strings
     * @param frozen the models that read captions
     * @param reference the policy of the KL term, which is {@code policy} itself where adapters are trained; null where there is none
     * @param room limits of the caption engine
     */
    static LocalParts of(Opened opened, RunConfig config, LocalBackends backends, CausalLm policy, TokenText tokens, RewardModels frozen,
            CausalLm reference, GeneratorLimits room) {
        LocalPolicyTrainer trainer = trainer(opened, config, backends.trainer(), policy, reference);
        CaptionEngine engine = opened.add(engine(config, backends.engine(), policy, tokens, room));
        RewardParts reward = opened.add(RewardParts.of(config, new LocalReaders(config, backends.answerer(), frozen)));
        return new LocalParts(trainer, engine, reward, backends, opened);
    }

    /** Loads the policy to train. */
    static CausalLm policy(Opened opened, RunConfig config, TensorOps ops) {
        return opened.add(Models.load(config.policy().path(), ops, trainedType(config), adapters(config)));
    }

    /** Loads the policy of the KL term, or gives {@code policy} itself where no copy is needed. */
    static CausalLm reference(Opened opened, RunConfig config, TensorOps ops, CausalLm policy) {
        return copiesReference(config) ? opened.add(Models.load(config.policy().path(), ops, config.policy().dtype())) : policy;
    }

    /** The policy with a new optimizer. */
    static LocalPolicyTrainer trainer(Opened opened, RunConfig config, TensorOps ops, CausalLm policy, CausalLm reference) {
        AdamW optimizer = optimizer(config, ops, policy);
        return opened.add(new LocalPolicyTrainer(ops, policy, config.policy().path(), optimizer,
                update(config, ops, policy, reference, optimizer)));
    }

    /** Type of the weights of the model that is trained: frozen ones may be bfloat16. */
    static WeightType trainedType(RunConfig config) {
        return config.policy().lora().isPresent() ? config.policy().dtype() : WeightType.FLOAT32;
    }

    /** The adapters that are trained in place of the policy's weights, or null. */
    static Adapters adapters(RunConfig config) {
        return config.policy().lora().map(lora -> lora.fresh(config.seed())).orElse(null);
    }

    /** Whether the KL term needs a model of its own; under adapters the frozen weights are the starting policy. */
    static boolean copiesReference(RunConfig config) {
        return config.trainer().loss().klWeight() != 0 && config.policy().lora().isEmpty();
    }

    static AdamW optimizer(RunConfig config, TensorOps ops, CausalLm policy) {
        TrainerSection t = config.trainer();
        return new AdamW(ops, policy.params(), new AdamW.Settings(t.beta1(), t.beta2(), t.epsilon(), t.weightDecay(), t.maxGradNorm()));
    }

    /**
     * An engine that reads the policy's own weights, or a copy where they are of another type or move while it writes.
     *
     * @param tokens for stop strings
     */
    static CaptionEngine engine(RunConfig config, TensorOps ops, CausalLm policy, TokenText tokens, GeneratorLimits room) {
        boolean sameType = config.policy().dtype() == trainedType(config);
        if (sameType && config.ray().overlap() != Overlap.STEP) {
            return new LocalCaptionEngine(policy, ops, tokens, room);
        }
        CausalLm copy = Models.outline(config.policy().path(), ops, config.policy().dtype(), adapters(config));
        return new LocalCaptionEngine(policy, copy, ops, tokens, room);
    }

    static PolicyUpdate update(RunConfig config, TensorOps ops, CausalLm policy, CausalLm reference, AdamW optimizer) {
        TrainerSection t = config.trainer();
        return new PolicyUpdate(ops, policy, reference, optimizer, t.learningRates(), t.loss().function(),
                new PolicyUpdate.Settings(t.updatesPerStep(), t.microBatchTokens(), t.recompute(), (float) config.rollout().temperature(),
                        config.rollout().maxNewTokens(), config.seed()));
    }

    @Override
    public LetterReader answerer() {
        return reward.answerer();
    }

    @Override
    public WeightedRewards rewards() {
        return reward.rewards();
    }

    @Override
    public void contribute(StepMetrics.Builder metrics) {
        BackendMemory.put(metrics, backends.all());
    }

    @Override
    public void close() {
        opened.close();
    }
}
