package org.caprl.core.data;

/**
 * One turn of a prompt as the row has it: the chat template turns it into tokens, and each {@value #IMAGE} becomes the next of the
 * sample's images.
 *
 * @param role    {@code system}, {@code user} or {@code assistant}
 * @param content text with a {@value #IMAGE} at the place of each image
 */
public record PromptTurn(String role, String content) {
    /** Marks the place of an image in {@link #content}. */
    public static final String IMAGE = "<image>";

    /** @throws IllegalArgumentException if the role is not one of the three */
    public PromptTurn {
        if (!role.equals("system") && !role.equals("user") && !role.equals("assistant")) {
            throw new IllegalArgumentException("role '" + role + "' in 'prompt'; expected system, user or assistant");
        }
    }

    /** How many images the content places. */
    public int images() {
        return content.split(IMAGE, -1).length - 1;
    }
}
