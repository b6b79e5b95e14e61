package org.caprl.trainer.bench;

import java.util.Arrays;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.launch.LoadedModel;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlEstimator;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.LearningRateSchedule;
import org.caprl.trainer.update.PolicyUpdate;
import org.caprl.trainer.update.Recompute;

/** The settings of updates that are measured: the defaults of runs, which are TRL's. */
final class Updates {
    static final int MICRO_BATCH_TOKENS = 8192;
    static final LearningRateSchedule LEARNING_RATE = new LearningRateSchedule(1e-6, 0, 1, LearningRateSchedule.Shape.CONSTANT);
    static final float TEMPERATURE = 1f;

    private static final GrpoLoss LOSS = new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), new KlPenalty(0, KlEstimator.K3, false), 0,
            LossAverage.DAPO);

    private Updates() {
    }

    /** One update a step, no KL term. */
    static PolicyUpdate of(TensorOps ops, LoadedModel policy, AdamW optimizer, int newTokens) {
        return new PolicyUpdate(ops, policy.model(), null, optimizer, LEARNING_RATE, LOSS,
                new PolicyUpdate.Settings(1, MICRO_BATCH_TOKENS, Recompute.NONE, TEMPERATURE, newTokens, 0));
    }

    /** Places of images in a prompt. */
    static int imageTokens(LoadedModel loaded, Prompt prompt) {
        return (int) Arrays.stream(prompt.ids()).filter(id -> id == loaded.model().imageToken()).count();
    }
}
