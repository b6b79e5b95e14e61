package org.caprl.reward.qa;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.caprl.core.InputException;

/**
 * The answerer's user turn: a template with the places {@code {caption}} and {@code {question}}. The chat template of the answerer's
 * checkpoint goes around it, and its own turn starts with {@link #TURN_START}.
 *
 * <p>The image is never part of it. Texts are put in as they are: a caption that contains {@code {question}} is not expanded again.
 */
public final class AnswererPrompt {
    /** How the answerer's turn starts; what it generates goes on from here, with its own leading space. */
    public static final String TURN_START = "The answer is";

    private static final String CAPTION = "{caption}";
    private static final String QUESTION = "{question}";

    private final String template;

    private AnswererPrompt(String template, String origin) {
        requireOnce(template, CAPTION, origin);
        requireOnce(template, QUESTION, origin);
        this.template = template;
    }

    /**
     * The template that a configuration names.
     *
     * @param name {@code short} (caption, line break, question: for small answerers trained on it), {@code default} (instructions and
     *     two worked examples, for instruction-tuned models), or the path of a UTF-8 text file; one line break at its end is dropped
     * @throws InputException if the file can't be read, or a place is missing or named twice
     */
    public static AnswererPrompt named(String name) {
        return switch (name) {
            case "short", "default" -> new AnswererPrompt(resource("answerer-" + name + ".txt"), name);
            default -> new AnswererPrompt(read(Path.of(name)), name);
        };
    }

    /** The user turn for one question on one caption. */
    public String userTurn(String caption, PosedQuestion posed) {
        String question = QuestionText.of(posed);
        int captionAt = template.indexOf(CAPTION);
        int questionAt = template.indexOf(QUESTION);
        StringBuilder turn = new StringBuilder(template);
        // The later place first, so that the earlier index stays right and no inserted text is searched.
        if (captionAt < questionAt) {
            turn.replace(questionAt, questionAt + QUESTION.length(), question).replace(captionAt, captionAt + CAPTION.length(), caption);
        } else {
            turn.replace(captionAt, captionAt + CAPTION.length(), caption).replace(questionAt, questionAt + QUESTION.length(), question);
        }
        return turn.toString();
    }

    private static void requireOnce(String template, String place, String origin) {
        int first = template.indexOf(place);
        if (first < 0 || template.indexOf(place, first + 1) >= 0) {
            throw new InputException("answerer.template '" + origin + "' must contain " + place + " exactly once; it "
                    + (first < 0 ? "does not contain it" : "contains it more than once"));
        }
    }

    private static String resource(String name) {
        try (InputStream in = AnswererPrompt.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks its resource " + name);
            }
            return withoutLastBreak(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return withoutLastBreak(Files.readString(file));
        } catch (IOException e) {
            throw new InputException("answerer.template: can't read " + file + " as UTF-8 text (" + e
                    + "); give 'short', 'default' or the path of a template with the places " + CAPTION + " and " + QUESTION, e);
        }
    }

    private static String withoutLastBreak(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
