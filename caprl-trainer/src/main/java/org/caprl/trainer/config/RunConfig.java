package org.caprl.trainer.config;

import java.util.List;
import org.caprl.core.config.Key;

/**
 * All settings of {@code caprl train} and {@code caprl eval}.
 *
 * <p>Defaults of loss and advantages are TRL's; those of the reward are the CapRL paper's (arXiv 2509.22647).
 *
 * @param run where results go
 * @param seed of every random draw
 * @param threads of the backend
 * @param backend of the tensors
 * @param data what is read
 * @param policy the model that learns
 * @param answerer the frozen model that rewards
 * @param rollout how captions are sampled
 * @param reward what a caption is worth
 * @param trainer how the policy is updated
 * @param eval what is measured on held-out images
 * @param ray where the parts run
 */
public record RunConfig(
        @Key(doc = "Where results go.") RunSection run,
        @Key(doc = "Of every random draw. The same seed and configuration give the same captions, whatever the batch or the load.",
                defaultValue = "0") long seed,
        @Key(doc = "Threads of the backend; 0 takes every processor.", defaultValue = "0", min = 0, max = 4096) int threads,
        @Key(doc = "What computes: `auto` takes the fastest that works here and says why; `caprl doctor` lists the names.",
                defaultValue = "auto") String backend,
        @Key(doc = "What is read.") DataSection data,
        @Key(doc = "The vision-language model that learns.") PolicySection policy,
        @Key(doc = "The frozen language model that answers questions from the caption alone.") AnswererSection answerer,
        @Key(doc = "How captions are sampled.") RolloutSection rollout,
        @Key(doc = "What a caption is worth.") RewardSection reward,
        @Key(doc = "How the policy is updated.") TrainerSection trainer,
        @Key(doc = "What is measured on held-out images.") EvalSection eval,
        @Key(doc = "Where the parts run.") RaySection ray) {
    /** @throws IllegalArgumentException if nobody answers questions, or several would behind a reward server */
    public RunConfig {
        if (!answerer.isGiven() && reward.server().isEmpty()) {
            throw new IllegalArgumentException("expected one of answerer.path (a model in this JVM), answerer.remote (one that is served "
                    + "elsewhere) and reward.server (a reward server), got none");
        }
        if (!answerer.others().isEmpty() && reward.server().isPresent()) {
            throw new IllegalArgumentException("answerer.others are asked by this JVM, and with reward.server it asks none; leave one of "
                    + "them out");
        }
    }

    /** The answerers that a run asks by itself: none where a reward server does. */
    public List<OneAnswererSection> answerers() {
        return reward.server().isPresent() ? List.of() : answerer.all();
    }

    /** The same settings for a run of another name. */
    public RunConfig named(String name) {
        return new RunConfig(new RunSection(run.output(), name), seed, threads, backend, data, policy, answerer, rollout, reward, trainer,
                eval, ray);
    }
}
