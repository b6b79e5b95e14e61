package org.caprl.core.text;

import java.util.Objects;

/** A piece of a message. */
public sealed interface ContentPart {
    /** Plain text. */
    record Text(String text) implements ContentPart {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /** The place of an image; the images themselves travel beside the messages, in the same order. */
    record Image() implements ContentPart {
    }
}
