package org.caprl.trainer.launch;

import org.caprl.core.InputException;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;

/** What commands outside a run generate with: room for all that is asked at once, within the models' positions. */
final class Generators {
    private static final int ANSWER_ROWS = 64;
    private static final int QUESTIONS_AT_LEAST = 4;
    private static final int QUESTION_TOKENS = 256;
    private static final int CAPTION_TOKENS = 4096;
    private static final int PREFILL_TOKENS = 4096;

    private Generators() {
    }

    /** An answerer that takes the most probable letters. */
    static LocalAnswerer answerer(LoadedModel frozen, TensorOps ops, String template) {
        int most = frozen.model().shape().maxPositions();
        GeneratorLimits limits = GeneratorLimits.roomFor(ANSWER_ROWS, QUESTIONS_AT_LEAST, Math.min(most, CAPTION_TOKENS),
                Math.min(most, QUESTION_TOKENS), PREFILL_TOKENS, "the answerer's cache");
        return new LocalAnswerer(frozen.model(), ops, frozen.processor(), AnswererPrompt.named(template), 0, 1, limits);
    }

    /** Room for so many captions at once; {@code kvRows} is the configured size of the cache, or 0 for what they can need. */
    static GeneratorLimits captions(int rows, int perPrompt, int longestPrompt, int maxNewTokens, int kvRows) {
        return kvRows > 0 ? new GeneratorLimits(rows, kvRows, PREFILL_TOKENS, "rollout.kv_rows")
                : GeneratorLimits.roomFor(rows, perPrompt, longestPrompt, maxNewTokens, PREFILL_TOKENS, "rollout.kv_rows");
    }

    /** @throws InputException if the model can't see */
    static void requireVision(LoadedModel policy, String key) {
        if (!policy.processor().sees()) {
            throw new InputException(key + " " + policy.folder() + " is a text model (" + policy.model().family()
                    + ", which can't see); give a vision-language model");
        }
    }
}
