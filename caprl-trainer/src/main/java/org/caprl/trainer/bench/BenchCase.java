package org.caprl.trainer.bench;

/**
 * One thing to measure. Lengths are exact: no sequence ends early.
 *
 * @param name on the command line and in results
 * @param work what is done
 * @param model what it is done with
 * @param prompts different prompts
 * @param captions continuations of each prompt: captions, or questions on a caption
 * @param promptTokens tokens of a prompt, those of its image included; 0 where texts decide
 * @param newTokens tokens of a continuation: generated, or trained on
 * @param imageWidth pixels; 0 without image
 * @param imageHeight pixels
 * @param onRequest measured only if named: it needs gigabytes
 */
public record BenchCase(String name, Work work, Subject model, int prompts, int captions, int promptTokens, int newTokens, int imageWidth,
        int imageHeight, boolean onRequest) {
    /** What is done in one repetition. */
    public enum Work {
        /** Prefill and sampling of every continuation. */
        GENERATE,
        /** Supervised step over separate sequences: forward, backward, clipping, AdamW. */
        SFT_STEP,
        /** Step of the policy gradient over groups: forward, backward, clipping, AdamW. */
        POLICY_STEP,
        /** Images read, captions sampled, rewards of no cost, advantages, update. */
        GRPO_STEP,
        /** Questions on a caption, templates and tokenizer included: the first token of each answer. */
        ANSWER,
        /** The rewards of a training step: questions on its captions, answered until the letter or the last of the new tokens. */
        REWARD
    }

    /** The models that are measured. */
    public enum Subject {
        /** Qwen2. */
        TEXT,
        /** Qwen2.5-VL. */
        VISION,
        /** Qwen2 of the shape of the smoke run's answerer. */
        ANSWERER,
        /** Qwen2 with more than 500 million random weights. */
        LARGE
    }

    /** Sequences: continuations of all prompts. */
    public int rows() {
        return prompts * captions;
    }

    /** Whether prompts begin with an image. */
    public boolean hasImage() {
        return imageWidth > 0;
    }

    /** Whether weights are updated. */
    public boolean trains() {
        return work != Work.GENERATE && work != Work.ANSWER && work != Work.REWARD;
    }

    /** What {@link #units} counts. */
    public String unit() {
        return switch (work) {
            case GENERATE, GRPO_STEP -> "new tokens";
            case SFT_STEP, POLICY_STEP -> "sequence tokens";
            case ANSWER, REWARD -> "answers";
        };
    }

    /** What one repetition gives: new tokens, tokens of all sequences as if each had its own prompt, or answers. */
    public int units() {
        return switch (work) {
            case GENERATE, GRPO_STEP -> rows() * newTokens;
            case SFT_STEP, POLICY_STEP -> rows() * (promptTokens + newTokens);
            case ANSWER, REWARD -> rows();
        };
    }
}
