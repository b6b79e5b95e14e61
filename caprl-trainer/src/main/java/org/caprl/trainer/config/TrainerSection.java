package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.update.LearningRateSchedule;
import org.caprl.trainer.update.Recompute;

/**
 * How the policy is updated.
 *
 * @param steps of the run
 * @param promptsPerStep images of a step
 * @param updatesPerStep optimiser updates of a step
 * @param microBatchTokens limit of memory, without influence on the result
 * @param recompute computing blocks again in backward
 * @param lr peak learning rate
 * @param beta1 of AdamW
 * @param beta2 of AdamW
 * @param epsilon of AdamW
 * @param weightDecay of AdamW
 * @param maxGradNorm clipping of the whole gradient
 * @param schedule of the learning rate
 * @param loss the policy loss
 * @param advantage from rewards to advantages
 * @param evalEvery steps between evaluations
 * @param saveEvery steps between checkpoints
 * @param keepCheckpoints number of checkpoints to keep
 * @param shuffleRewards control run
 */
public record TrainerSection(
        @Key(doc = "Steps of the run: captions, rewards, updates.", min = 1) int steps,
        @Key(doc = "Images of a step.", min = 1) int promptsPerStep,
        @Key(doc = "Optimiser updates of a step. Its groups are divided among them as evenly as possible; nothing has to divide anything.",
                defaultValue = "1", min = 1) int updatesPerStep,
        @Key(doc = "Tokens of which the activations of all layers are held at once. Groups are computed one by one and never cut; "
                + "one that has more tokens is computed block by block again in backward. Changes memory and speed, not one bit of "
                + "the result.", defaultValue = "8192", min = 1)
        int microBatchTokens,
        @Key(doc = "Compute decoder and vision blocks again in backward, and so hold the activations of one at a time: auto (groups above "
                + "micro_batch_tokens), none, blocks (always). The gradients are the same bits.",
                defaultValue = "auto") Recompute recompute,
        @Key(doc = "Peak learning rate of AdamW; 0 is a control run.", defaultValue = "1e-6", min = 0) double lr,
        @Key(doc = "Decay of AdamW's mean of gradients.", defaultValue = "0.9", min = 0, exclusiveMax = 1) double beta1,
        @Key(doc = "Decay of AdamW's mean of squared gradients.", defaultValue = "0.999", min = 0, exclusiveMax = 1) double beta2,
        @Key(doc = "Added to the root of AdamW's mean of squares.", defaultValue = "1e-8", exclusiveMin = 0) double epsilon,
        @Key(doc = "Decoupled weight decay of AdamW, for matrices: biases and norms have none.", defaultValue = "0.0", min = 0)
        double weightDecay,
        @Key(doc = "The whole gradient is scaled down to this norm when it is longer; 0 never.",
                defaultValue = "1.0", min = 0) double maxGradNorm,
        @Key(doc = "Course of the learning rate.") ScheduleSection schedule,
        @Key(doc = "The policy loss.") LossSection loss,
        @Key(doc = "From rewards to advantages.") AdvantageSection advantage,
        @Key(doc = "Steps between evaluations; 0 evaluates only before and after.", defaultValue = "0", min = 0) int evalEvery,
        @Key(doc = "Steps between checkpoints; 0 saves only at the end.", defaultValue = "0", min = 0) int saveEvery,
        @Key(doc = "Checkpoints to keep, the newest; 0 keeps all.", defaultValue = "2", min = 0) int keepCheckpoints,
        @Key(doc = "Control run: rewards are shuffled among the captions of the step, so there is nothing to learn from.",
                defaultValue = "false")
        boolean shuffleRewards) {
    /** @throws IllegalArgumentException if an update would be without a group */
    public TrainerSection {
        if (updatesPerStep > promptsPerStep) {
            throw new IllegalArgumentException("updates_per_step " + updatesPerStep + " is more than prompts_per_step " + promptsPerStep
                    + ": an update needs at least one group; lower the one or raise the other");
        }
    }

    /** Whether an evaluation is made after this step. */
    public boolean evaluatesAfter(int step) {
        return step == steps || evalEvery > 0 && step % evalEvery == 0;
    }

    /** Whether a checkpoint is saved after this step. */
    public boolean savesAfter(int step) {
        return step == steps || saveEvery > 0 && step % saveEvery == 0;
    }

    /** The rate of every update of the run. */
    public LearningRateSchedule learningRates() {
        return schedule.rates(lr, updatesPerStep, steps);
    }
}
