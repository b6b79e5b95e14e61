package org.caprl.rollout.message;

/** What a message is; the number in its header is the place in this list, so new ones come last. */
public enum MessageKind {
    /** Ids and image patches of a prompt. */
    PROMPT,
    /** What a caption actor is to make its engine of. */
    ENGINE,
    /** What a caption actor is asked for and told. */
    CAPTION_CALL,
    /** What a caption actor has done. */
    CAPTION_REPLY,
    /** The parts of a set of weights. */
    WEIGHTS,
    /** Prompts with captions and advantages. */
    TRAINING_GROUPS,
    /** Where a run stands. */
    TRAIN_STATE,
    /** Numbers of a step. */
    METRICS,
    /** What an update did. */
    UPDATE_REPORT,
    /** Captions and their questions. */
    QUESTIONS,
    /** What an answerer made of questions. */
    ANSWERS,
    /** What an answerer thinks of each letter. */
    LETTERS,
    /** What a trainer did, and the updates that it has made. */
    STEPPED,
    /** Files and their sizes. */
    FILES,
    /** Who runs an actor, and where. */
    ACTOR,
    /** That it is done; nothing else is to be said. */
    DONE,
    /** How a call ended that did not end well. */
    FAILURE,
    /** Texts for a judge. */
    TEXTS,
    /** A judge's replies. */
    REPLIES
}
