package org.caprl.core.data.synth;

/** The captions that an answerer meets. */
public enum CaptionKind {
    /** All facts, all true. */
    FULL,
    /** Facts and objects left out, the rest true. */
    PARTIAL,
    /** As a weak policy writes: facts left out, some false. */
    NOISY,
    /** All facts, but one that the question is about is false; half of the time it is one of the wrong choices. */
    ONE_WRONG,
    /** No text at all. */
    EMPTY,
    /** All facts, and one mention again with another value. */
    HEDGED,
    /** The caption of another image. */
    FOREIGN
}
