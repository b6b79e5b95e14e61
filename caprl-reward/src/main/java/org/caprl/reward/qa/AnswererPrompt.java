package org.caprl.reward.qa;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.reward.PromptTemplate;

/**
 * The answerer's user turn: a template with the places {@code {caption}} and {@code {question}}. The chat template of the answerer's
 * checkpoint goes around it, and its own turn starts with {@link #TURN_START}.
 *
 * <p>The image is never part of it. Texts are put in as they are: a caption that contains {@code {question}} is not expanded again.
 */
public final class AnswererPrompt {
    /** How the answerer's turn starts; what it generates goes on from here, with its own leading space. */
    public static final String TURN_START = "The answer is";

    private static final String CAPTION = "caption";
    private static final String QUESTION = "question";

    private final PromptTemplate template;

    private AnswererPrompt(String template, String origin) {
        this.template = new PromptTemplate(template, "answerer.template '" + origin + "'", List.of(CAPTION, QUESTION), List.of());
    }

    /**
     * The template that a configuration names.
     *
     * @param name {@code short} (caption, line break, question: for small answerers trained on it), {@code default} (instructions and
     *     two worked examples, for instruction-tuned models), or the path of a UTF-8 text file; one line break at its end is dropped
     * @throws InputException if the file can't be read, or a place is missing or named twice
     */
    public static AnswererPrompt named(String name) {
        return new AnswererPrompt(switch (name) {
            case "short", "default" -> PromptTemplate.resource(AnswererPrompt.class, "answerer-" + name + ".txt");
            default -> PromptTemplate.read(Path.of(name), "answerer.template", "'short' or 'default'");
        }, name);
    }

    /** The user turn for one question on one caption. */
    public String userTurn(String caption, PosedQuestion posed) {
        return template.fill(Map.of(CAPTION, caption, QUESTION, QuestionText.of(posed)));
    }
}
