package org.caprl.trainer.launch;

import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.PromptLengths;

/** What commands outside a run generate with: room for all that is asked at once, within the models' positions. */
final class Generators {
    private static final int ANSWER_ROWS = 64;
    private static final int QUESTIONS_AT_LEAST = 4;
    private static final int QUESTION_TOKENS = 256;
    private static final int CAPTION_TOKENS = 4096;
    private static final int PREFILL_TOKENS = 4096;
    private static final String KV_ROWS = "rollout.kv_rows";

    private Generators() {
    }

    /** An answerer that takes the most probable letters. */
    static LocalAnswerer answerer(LoadedModel frozen, TensorOps ops, String template) {
        int most = frozen.model().shape().maxPositions();
        GeneratorLimits limits = GeneratorLimits.roomFor(ANSWER_ROWS, QUESTIONS_AT_LEAST, Math.min(most, CAPTION_TOKENS),
                Math.min(most, QUESTION_TOKENS), PREFILL_TOKENS, "the answerer's cache");
        return new LocalAnswerer(frozen.model(), ops, frozen.processor(), AnswererPrompt.named(template), 0, 1, limits);
    }

    /**
     * Room for so many captions at once.
     *
     * @param kvRows the configured size of the cache, or 0 for what they can need
     * @throws InputException if {@code kvRows} is less than the longest prompt with one caption needs
     */
    static GeneratorLimits captions(int rows, int perPrompt, int longestPrompt, int maxNewTokens, int kvRows) {
        GeneratorLimits room = GeneratorLimits.roomFor(rows, perPrompt, longestPrompt, maxNewTokens, PREFILL_TOKENS, KV_ROWS);
        if (kvRows == 0) {
            return room;
        }
        int least = GeneratorLimits.wholePages(longestPrompt) + GeneratorLimits.wholePages(maxNewTokens);
        if (kvRows < least) {
            throw new InputException(KV_ROWS + " is " + kvRows + ", but the longest prompt has " + longestPrompt
                    + " tokens and needs " + least + " with rollout.max_new_tokens = " + maxNewTokens
                    + "; raise it, or give 0 for " + room.kvRows() + ", with which all captions run at once");
        }
        return new GeneratorLimits(rows, kvRows, PREFILL_TOKENS, KV_ROWS);
    }

    /**
     * Room for the captions of a run: those of a training step, which share prompts, and those of an evaluation, one an image.
     *
     * @param train lengths of the training prompts
     * @param held lengths of the prompts of an evaluation
     * @throws InputException if {@code rollout.kv_rows} is less than the longest prompt with its caption needs
     */
    static GeneratorLimits rollout(RunConfig config, PromptLengths train, PromptLengths held) {
        RolloutSection r = config.rollout();
        int step = Math.clamp((long) config.trainer().promptsPerStep() * r.captionsPerPrompt(), 1, r.maxRows());
        int evaluation = Math.clamp(held.rows(), 1, r.maxRows());
        int rows = Math.max(step, evaluation);
        GeneratorLimits training = captions(step, Math.min(step, r.captionsPerPrompt()), train.longest(), r.maxNewTokens(), r.kvRows());
        GeneratorLimits alone = captions(evaluation, 1, held.longest(), r.maxNewTokens(), r.kvRows());
        return new GeneratorLimits(rows, Math.max(training.kvRows(), alone.kvRows()), PREFILL_TOKENS, KV_ROWS);
    }

    /** @throws InputException if the model of {@code folder}, which {@code key} names, can't see */
    static void requireVision(Processor processor, String key, Path folder) {
        if (!processor.sees()) {
            throw new InputException(key + " " + folder + " is a text model, which can't see; a caption policy is a vision-language model, "
                    + "such as Qwen2.5-VL or Qwen3-VL");
        }
    }
}
