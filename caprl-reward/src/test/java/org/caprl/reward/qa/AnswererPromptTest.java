package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswererPromptTest {
    private static final PosedQuestion POSED = new PosedQuestion("How many?", List.of("one", "two"), 0);

    @TempDir
    private Path dir;

    @Test
    void shortFormIsCaptionThenQuestion() {
        assertEquals("""
                A red circle.
                How many?
                   - A) one
                   - B) two
                   - F) Can not answer based on the caption""", AnswererPrompt.named("short").userTurn("A red circle.", POSED));
    }

    @Test
    void defaultFormHasTwoExamplesOneOfWhichRefuses() {
        String turn = AnswererPrompt.named("default").userTurn("A red circle.", POSED);
        assertEquals(3, turn.split(PosedQuestion.REFUSAL, -1).length - 1, "two examples and the question");
        assertEquals(1, turn.split("The answer is C\n", -1).length - 1);
        assertEquals(1, turn.split("The answer is F\n", -1).length - 1);
        assertTrue(turn.endsWith("Description: A red circle.\nQuestion: " + QuestionText.of(POSED)), turn);
    }

    @Test
    void captionsAreNotExpanded() throws IOException {
        String caption = "{question} {caption} $1 \\n";
        String question = QuestionText.of(POSED);
        assertEquals(caption + "\n" + question, AnswererPrompt.named("short").userTurn(caption, POSED));
        Path file = Files.writeString(dir.resolve("turned.txt"), "{question}|{caption}\n");
        assertEquals(question + "|" + caption, AnswererPrompt.named(file.toString()).userTurn(caption, POSED));
    }

    @Test
    void badTemplatesAreNamed() throws IOException {
        Path noCaption = Files.writeString(dir.resolve("a.txt"), "{question}");
        Path twice = Files.writeString(dir.resolve("b.txt"), "{caption}{question}{question}");
        assertMessage(noCaption, "{caption}");
        assertMessage(twice, "more than once");
        assertMessage(dir.resolve("missing.txt"), "missing.txt");
        assertMessage(Files.write(dir.resolve("latin.txt"), new byte[] {(byte) 0xE4}), "UTF-8");
    }

    private static void assertMessage(Path template, String part) {
        String message = assertThrows(InputException.class, () -> AnswererPrompt.named(template.toString())).getMessage();
        assertTrue(message.contains(part), message);
        assertFalse(message.isBlank());
    }
}
