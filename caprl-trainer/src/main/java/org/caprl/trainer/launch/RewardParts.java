package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.LengthReward;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RewardSection;
import org.caprl.trainer.config.RunConfig;

/**
 * What scores a run's captions, built from its configuration: the only place that knows which kinds of rewards and answerers there are.
 *
 * @param answerer answers the questions of rewards and evaluations
 * @param rewards the weighted sum
 * @param owned what is closed with it, the last first
 */
record RewardParts(Answerer answerer, WeightedRewards rewards, List<Owned> owned) implements AutoCloseable {
    private static final int PREFILL_TOKENS = 8192;

    /** Something to close; closing does not fail. */
    interface Owned extends AutoCloseable {
        @Override
        void close();
    }

    /** Loads the models and builds the parts over them, for a place that scores and does nothing else. */
    static RewardParts open(RunConfig config, TensorOps ops) {
        RewardModels models = RewardModels.load(config, ops);
        try {
            RewardParts parts = of(config, ops, models);
            parts.owned.addFirst(models::close);
            return parts;
        } catch (RuntimeException e) {
            models.close();
            throw e;
        }
    }

    /** The parts over models that stay the caller's. */
    static RewardParts of(RunConfig config, TensorOps ops, RewardModels models) {
        List<Owned> owned = new ArrayList<>();
        Answerer answerer = answerer(config, ops, models, owned);
        return new RewardParts(answerer, rewards(config, answerer), owned);
    }

    private static Answerer answerer(RunConfig config, TensorOps ops, RewardModels models, List<Owned> owned) {
        OneAnswererSection section = config.answerer().first();
        AnswererPrompt prompt = AnswererPrompt.named(section.template());
        if (section.remote().isPresent()) {
            if (models.outlines()) {
                return new SilentAnswerer();
            }
            RemoteAnswerer remote = section.remote().get().open(prompt, config.reward(), System.getenv());
            owned.add(remote::close);
            return remote;
        }
        LoadedModel frozen = models.of(section).orElseThrow();
        LocalAnswerer local = new LocalAnswerer(frozen.model(), ops, frozen.processor(), prompt, config.reward().answerTemperature(),
                config.reward().answerMaxTokens(), limits(config, frozen.model()));
        owned.add(local::close);
        return local;
    }

    private static WeightedRewards rewards(RunConfig config, Answerer answerer) {
        RewardSection r = config.reward();
        List<WeightedRewards.Part> parts = new ArrayList<>();
        parts.add(new WeightedRewards.Part(new QaReward(new QuestionPaper(r.questionsPerCaption()), answerer), r.qaWeight()));
        if (r.length().weight() != 0) {
            parts.add(new WeightedRewards.Part(new LengthReward(r.length().l1(), r.length().l2()), r.length().weight()));
        }
        return new WeightedRewards(parts);
    }

    /** Room of a local answerer. */
    static GeneratorLimits limits(RunConfig config, CausalLm frozen) {
        int longest = Math.min(frozen.shape().maxPositions(), 2 * config.rollout().maxNewTokens() + 512);
        return GeneratorLimits.roomFor(config.rollout().maxRows(), config.reward().questionsPerCaption(), longest,
                longest / 2 + config.reward().answerMaxTokens(), PREFILL_TOKENS, "rollout.max_rows");
    }

    @Override
    public void close() {
        owned.reversed().forEach(Owned::close);
    }
}
