package org.caprl.core.text;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One turn of a conversation.
 *
 * @param role    {@code system}, {@code user} or {@code assistant}; the checkpoint's template decides which it knows
 * @param content parts in reading order
 */
public record ChatMessage(String role, List<ContentPart> content) {
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        content = List.copyOf(content);
    }

    /** A message of text alone. */
    public static ChatMessage text(String role, String text) {
        return new ChatMessage(role, List.of(new ContentPart.Text(text)));
    }

    /** Number of images in this message. */
    public int images() {
        return (int) content.stream().filter(ContentPart.Image.class::isInstance).count();
    }

    /** All text of this message, joined. */
    public String text() {
        return content.stream().filter(ContentPart.Text.class::isInstance).map(part -> ((ContentPart.Text) part).text())
                .collect(Collectors.joining());
    }
}
