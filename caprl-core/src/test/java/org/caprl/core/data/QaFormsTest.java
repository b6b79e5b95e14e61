package org.caprl.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QaFormsTest {
    private static final String REFUSAL = "Can not answer based on the caption";
    private static final QaItem COLOUR = new QaItem("What colour?", List.of("red", "light blue", "green"), 1);

    @ParameterizedTest
    @ValueSource(strings = {
        "A) red|B) light blue|C) green",
        "A. red|B. light blue|C. green",
        "A: red|B: light blue|C: green",
        "(A) red|(B) light blue|(C) green",
        "a) red|b) light blue|c) green",
        "A)red|B)  light blue |C) green",
        "   - A) red|   - B) light blue|   - C) green",
        "* A. red|* B. light blue|* C. green",
        "red|light blue|green",
        "A) red|B) light blue|C) green|E) Can not answer based on the caption",
        "A) red|B) light blue|C) green|F) can't be determined",
        "A) red|B) light blue|C) green|E) It cannot be determined from the image.|F) Cannot  answer based on the caption",
    })
    void choicesOfEveryForm(String choices) {
        List<String> list = Arrays.asList(choices.split("\\|"));
        assertEquals(COLOUR, QaForms.read("What colour?", list, "B"));
        assertEquals(COLOUR, QaForms.read("What colour?", String.join("\n", list) + "\n\n", "B"));
        if (choices.startsWith("A") || choices.startsWith(" ")) {
            assertEquals(COLOUR, QaForms.read("What colour?\n" + String.join("\r\n", list), "B"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", " B ", "b", "B)", "B.", "(B)", "B:", "light blue", "Light Blue", "B) light blue", "B. light blue",
        "(B) light blue"})
    void answersOfEveryForm(String answer) {
        assertEquals(COLOUR, QaForms.read("What colour?", List.of("A) red", "B) light blue", "C) green"), answer));
        assertEquals(COLOUR, QaForms.read("What colour?", List.of("red", "light blue", "green"), answer));
    }

    @Test
    void anAnswerThatIsNoChoiceKeepsItsLabel() {
        List<String> choices = List.of("A) red", "B) blue", "E) " + REFUSAL);
        for (String answer : List.of("E", "E) " + REFUSAL)) {
            QaItem item = QaForms.read("Q?", choices, answer);
            assertEquals(List.of("red", "blue"), item.choices());
            assertEquals("E", item.answerLetter());
            assertTrue(!item.matched());
        }
        assertEquals("C", QaForms.read("Q?", List.of("A) red", "B) blue"), "C").answerLetter());
        assertTrue(QaForms.read("Q?", choices, "B").matched());
    }

    @Test
    void labelsGoOnBehindARefusal() {
        assertEquals(new QaItem("Q?", List.of("1", "2", "3", "4", "5"), 4),
                QaForms.read("Q?", List.of("A) 1", "B) 2", "C) 3", "D) 4", "E) " + REFUSAL, "F) 5"), "F"));
    }

    @Test
    void theFifthChoiceWithoutLabelsMayBeTheRefusal() {
        assertEquals(new QaItem("Q?", List.of("1", "2", "3", "4"), 3), QaForms.read("Q?", List.of("1", "2", "3", "4", REFUSAL), "4"));
    }

    @Test
    void lettersAsTextsOfLabelledChoicesAreLabels() {
        assertEquals(0, QaForms.read("Which letter?", List.of("A) B", "B) A"), "A").answer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "E! true! Can not answer based on the caption",
        "E! true! Cannot answer based on the caption.",
        "F! true! CAN NOT BE ANSWERED",
        "F! true! It can't be determined from the description alone",
        "E! true! Cannot tell",
        "E! false! None of the above",
        "E! false! Can not fly",
        "E! false! Cannot answer the phone",
        "E! false! a sign that says can not answer",
    })
    void onlyARefusalIsLeftOut(String label, boolean refusal, String text) {
        assertEquals(refusal, QaForms.isRefusal(text));
        int left = QaForms.read("Q?", List.of("A) 1", "B) 2", "C) 3", "D) 4", "E) " + text), "A").choices().size();
        assertEquals(refusal ? 4 : 5, left, label);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "A) 1|2! A! label all as in 'A) red', or none",
        "B) 1|A) 2! A! expected 'A) text'",
        "A) 1|C) 2! A! expected 'B) text'",
        "A) 1|A) 2! A! expected 'B) text'",
        "A) 1|B) 1! A! the same choice twice",
        "A) 1|B) 2! purple! no right answer",
        "A) 1|B) 2! B) 1! no right answer",
        "A) 1|B) 2! K! no right answer",
        "B|A! A! is the label of one choice and the text of another",
        "1|2|3|4|5|6! A! has 6 choices; give 2 to 5",
        "A) 1|B) 2|C) 3|D) 4|E) Can not answer|F) 5! E! put the refusal last",
        "1! A! has 1 choice; give 2 to 5",
    })
    void whatCanNotBeReadIsRefused(String choices, String answer, String why) {
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> QaForms.read("Q?", Arrays.asList(choices.split("\\|")), answer));
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertTrue(e.getMessage().contains("'Q?'"), e.getMessage());
    }

    @Test
    void aTextWithoutChoicesIsRefused() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> QaForms.read("What colour?", "A"));
        assertTrue(e.getMessage().contains("has no choices"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> QaForms.read("", "A"));
    }
}
