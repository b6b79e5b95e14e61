package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.LetterReader;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.ray.ActorLosses;
import org.caprl.rollout.ray.RayCaptionEngine;

/** The parts of a run on a Ray cluster. */
final class RayParts implements TrainingParts {
    private final RayPolicyTrainer trainer;
    private final RayCaptionEngine engine;
    private final RewardParts reward;
    private final ActorLosses losses;
    private final Opened opened;
    private final long[] captionsBefore;
    private long exchangesBefore;

    /** @param opened what is closed with the parts */
    RayParts(RayPolicyTrainer trainer, RayCaptionEngine engine, RewardParts reward, ActorLosses losses, Opened opened) {
        this.trainer = trainer;
        this.engine = engine;
        this.reward = reward;
        this.losses = losses;
        this.opened = opened;
        this.captionsBefore = new long[engine.actors().size()];
    }

    @Override
    public CaptionEngine engine() {
        return engine;
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
    public PolicyTrainer trainer() {
        return trainer;
    }

    /** Memory of the trainer; captions that counted, by actor, and the calls that they took; seconds until lost actors were replaced. */
    @Override
    public void contribute(StepMetrics.Builder metrics) {
        trainer.memory(metrics);
        long[] captions = engine.captionsByActor();
        boolean any = false;
        for (int i = 0; i < captions.length; i++) {
            metrics.put(MetricKey.speed("captions_actor_" + (i + 1)), captions[i] - captionsBefore[i]);
            any |= captions[i] > captionsBefore[i];
            captionsBefore[i] = captions[i];
        }
        metrics.put(MetricKey.speed("caption_calls"), engine.exchanges() - exchangesBefore);
        exchangesBefore = engine.exchanges();
        double seconds = losses.takeSeconds();
        if (seconds > 0) {
            metrics.add(MetricKey.time("recover"), seconds);
        }
        if (any) {
            losses.stepDone();
        }
    }

    @Override
    public List<String> takeNotices() {
        return losses.takeLines();
    }

    @Override
    public void close() {
        opened.close();
    }
}
