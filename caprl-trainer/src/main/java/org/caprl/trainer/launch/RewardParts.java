package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.CustomReward;
import org.caprl.reward.FormatReward;
import org.caprl.reward.LengthReward;
import org.caprl.reward.Reward;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.judge.JudgeReward;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.server.RemoteReward;
import org.caprl.trainer.config.CustomRewardSection;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RewardSection;
import org.caprl.trainer.config.RunConfig;

/**
 * What scores a run's captions, built from its configuration: the only place that knows which kinds of rewards and answerers there are.
 *
 * @param answerer answers the questions of evaluations
 * @param rewards the weighted sum
 * @param opened what is closed with it
 */
record RewardParts(LetterReader answerer, WeightedRewards rewards, Opened opened) implements AutoCloseable {
    /** Loads the models and builds the parts over them in this JVM. */
    static RewardParts open(RunConfig config, TensorOps ops) {
        Opened opened = new Opened();
        try {
            return of(config, new LocalReaders(config, ops, opened.add(RewardModels.load(config, ops))), opened);
        } catch (RuntimeException e) {
            try (opened) {
                throw e;
            }
        }
    }

    /** The parts over models that stay the caller's, or over none. */
    static RewardParts of(RunConfig config, Readers readers) {
        Opened opened = new Opened();
        try {
            return of(config, readers, opened);
        } catch (RuntimeException e) {
            try (opened) {
                throw e;
            }
        }
    }

    private static RewardParts of(RunConfig config, Readers readers, Opened opened) {
        opened.add(readers);
        if (config.reward().server().isPresent() && !readers.rehearse()) {
            RemoteReward remote = opened.add(config.reward().server().get().open(config.reward(), System.getenv()));
            return new RewardParts(remote, rewards(config, readers, remote, opened), opened);
        }
        List<QaReward.Named> answerers = answerers(config, readers, opened);
        RewardSection r = config.reward();
        return new RewardParts(answerers.getFirst().answerer(),
                rewards(config, readers, new QaReward(r.paper(), r.marks(), r.wrongPenalty(), answerers), opened), opened);
    }

    private static List<QaReward.Named> answerers(RunConfig config, Readers readers, Opened opened) {
        List<QaReward.Named> answerers = new ArrayList<>();
        for (OneAnswererSection section : config.answerers()) {
            int number = answerers.size();
            answerers.add(new QaReward.Named(number == 0 ? "answerer" : "answerer-" + (number + 1),
                    answerer(config, number, section, readers, opened)));
        }
        // A dry run asks no server.
        return answerers.isEmpty() ? List.of(new QaReward.Named("answerer", new SilentAnswerer())) : answerers;
    }

    private static Answerer answerer(RunConfig config, int number, OneAnswererSection section, Readers readers, Opened opened) {
        if (section.remote().isEmpty()) {
            return readers.answerer(number, section);
        }
        return readers.rehearse() ? new SilentAnswerer() : opened.add(section.remote().get().open(AnswererPrompt.named(section.template()),
                config.reward(), System.getenv()));
    }

    private static WeightedRewards rewards(RunConfig config, Readers readers, Reward qa, Opened opened) {
        RewardSection r = config.reward();
        List<WeightedRewards.Part> parts = new ArrayList<>();
        parts.add(new WeightedRewards.Part(qa, r.qaWeight()));
        if (r.length().weight() != 0) {
            parts.add(new WeightedRewards.Part(new LengthReward(r.length().l1(), r.length().l2()), r.length().weight()));
        }
        if (r.format().weight() != 0) {
            parts.add(new WeightedRewards.Part(new FormatReward(), r.format().weight()));
        }
        r.judge().ifPresent(judge -> parts.add(new WeightedRewards.Part(new JudgeReward(readers.judge(judge), judge.template()),
                judge.weight())));
        if (readers.rehearse()) {
            parts.replaceAll(part -> new WeightedRewards.Part(new RehearsedReward(part.reward()), part.weight()));
            return new WeightedRewards(parts);
        }
        for (int i = 0; i < r.custom().size(); i++) {
            CustomRewardSection custom = r.custom().get(i);
            String place = "reward.custom[" + i + "]";
            CustomReward reward = opened.add(CustomReward.load(custom.className(), custom.jar(), custom.options(), place));
            if (parts.stream().anyMatch(part -> part.reward().name().equals(reward.name()))) {
                throw new InputException(place + " (" + custom.className() + "): a reward before it has the name '" + reward.name()
                        + "' too; give each its own");
            }
            parts.add(new WeightedRewards.Part(reward, custom.weight()));
        }
        return new WeightedRewards(parts);
    }

    @Override
    public void close() {
        opened.close();
    }
}
