package org.caprl.core.generate;

/** Why a caption ended. */
public enum FinishReason {
    /** An end-of-sequence token was sampled; it is the last id. */
    EOS,
    /** A stop string appeared, or the stop rule said so. */
    STOP,
    /** The token limit was reached. */
    LENGTH
}
