package org.caprl.core.data;

/** What rows are read for, and so what each must have besides its image. */
public enum RowUse {
    /** Reward or evaluation by questions: at least one question. */
    QUESTIONS,
    /** Supervised fine-tuning on captions: a caption that is not empty. */
    CAPTION,
    /** To be shown: nothing more. */
    ANY
}
