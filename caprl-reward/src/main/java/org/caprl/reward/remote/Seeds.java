package org.caprl.reward.remote;

import java.util.OptionalLong;

/** What becomes of the 64 random bits that key an answer when they are sent as {@code seed}. */
public enum Seeds {
    /** The bits as a signed number, which is OpenAI's range and vLLM's: the key of a local answer. */
    INT64,
    /** The upper 31 bits: never negative, and small enough for servers that keep 32. */
    INT31,
    /** No seed: answers differ from run to run. */
    NONE;

    OptionalLong of(long key) {
        return switch (this) {
            case INT64 -> OptionalLong.of(key);
            case INT31 -> OptionalLong.of(key >>> 33);
            case NONE -> OptionalLong.empty();
        };
    }
}
