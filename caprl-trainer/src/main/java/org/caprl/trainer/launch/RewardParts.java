package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.CustomReward;
import org.caprl.reward.FormatReward;
import org.caprl.reward.LengthReward;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.judge.JudgeReward;
import org.caprl.reward.judge.LocalWriter;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.QaReward;
import org.caprl.trainer.config.CustomRewardSection;
import org.caprl.trainer.config.JudgeSection;
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
    /** Images with fewer questions are answered too, fewer at a time. */
    private static final int FEWEST_OF_ALL = 4;
    private static final int JUDGE_ROWS = 32;
    private static final int JUDGE_TEXTS = 3;
    private static final int JUDGE_INSTRUCTION = 512;

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
        try {
            Answerer answerer = answerer(config, ops, models, owned);
            return new RewardParts(answerer, rewards(config, ops, models, answerer, owned), owned);
        } catch (RuntimeException e) {
            owned.reversed().forEach(Owned::close);
            throw e;
        }
    }

    private static Answerer answerer(RunConfig config, TensorOps ops, RewardModels models, List<Owned> owned) {
        LoadedModel frozen = models.of(config.answerer());
        LocalAnswerer answerer = new LocalAnswerer(frozen.model(), ops, frozen.processor(),
                AnswererPrompt.named(config.answerer().template()), config.reward().answerTemperature(), config.reward().answerMaxTokens(),
                limits(config, frozen.model()));
        owned.add(answerer::close);
        return answerer;
    }

    private static WeightedRewards rewards(RunConfig config, TensorOps ops, RewardModels models, Answerer answerer, List<Owned> owned) {
        RewardSection r = config.reward();
        List<WeightedRewards.Part> parts = new ArrayList<>();
        parts.add(new WeightedRewards.Part(new QaReward(r.paper(), r.marks(), r.wrongPenalty(),
                List.of(new QaReward.Named("answerer", answerer))), r.qaWeight()));
        if (r.length().weight() != 0) {
            parts.add(new WeightedRewards.Part(new LengthReward(r.length().l1(), r.length().l2()), r.length().weight()));
        }
        if (r.format().weight() != 0) {
            parts.add(new WeightedRewards.Part(new FormatReward(), r.format().weight()));
        }
        r.judge().ifPresent(judge -> parts.add(new WeightedRewards.Part(judge(config, judge, ops, models, owned), judge.weight())));
        if (models.outlines()) {
            parts.replaceAll(part -> new WeightedRewards.Part(new RehearsedReward(part.reward()), part.weight()));
            return new WeightedRewards(parts);
        }
        for (int i = 0; i < r.custom().size(); i++) {
            CustomRewardSection custom = r.custom().get(i);
            String place = "reward.custom[" + i + "]";
            CustomReward reward = CustomReward.load(custom.className(), custom.jar(), custom.options(), place);
            owned.add(reward::close);
            if (parts.stream().anyMatch(part -> part.reward().name().equals(reward.name()))) {
                throw new InputException(place + " (" + custom.className() + "): a reward before it has the name '" + reward.name()
                        + "' too; give each its own");
            }
            parts.add(new WeightedRewards.Part(reward, custom.weight()));
        }
        return new WeightedRewards(parts);
    }

    private static JudgeReward judge(RunConfig config, JudgeSection judge, TensorOps ops, RewardModels models, List<Owned> owned) {
        LoadedModel frozen = models.of(judge);
        int longest = Math.min(frozen.model().shape().maxPositions(), JUDGE_TEXTS * config.rollout().maxNewTokens() + JUDGE_INSTRUCTION);
        LocalWriter writer = new LocalWriter(frozen.model(), ops, frozen.processor(), judge.temperature(), judge.maxTokens(),
                GeneratorLimits.roomFor(Math.min(config.rollout().maxRows(), JUDGE_ROWS), 1, longest, judge.maxTokens(), PREFILL_TOKENS,
                        "rollout.max_rows"));
        owned.add(writer::close);
        return new JudgeReward(writer, judge.template());
    }

    /** Room of a local answerer. */
    static GeneratorLimits limits(RunConfig config, CausalLm frozen) {
        int longest = Math.min(frozen.shape().maxPositions(), 2 * config.rollout().maxNewTokens() + 512);
        int atLeast = config.reward().questionsPerCaption() == 0 ? FEWEST_OF_ALL : config.reward().questionsPerCaption();
        return GeneratorLimits.roomFor(config.rollout().maxRows(), atLeast, longest,
                longest / 2 + config.reward().answerMaxTokens(), LocalAnswerer.PREFILL_TOKENS, "rollout.max_rows");
    }

    @Override
    public void close() {
        owned.reversed().forEach(Owned::close);
    }
}
