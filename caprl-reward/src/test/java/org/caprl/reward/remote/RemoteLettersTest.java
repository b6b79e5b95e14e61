package org.caprl.reward.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;
import org.junit.jupiter.api.Test;

class RemoteLettersTest {
    private static final PosedQuestion POSED = Remote.QUESTIONS.getFirst();

    @Test
    void lettersThatWereNotReportedHaveTheLeastThatWas() {
        LetterLogProbs letters = RemoteLetters.of(Map.of(" B", -0.5, " A", -1.5, "The", -3.0, "B", -2.0), " B", POSED);
        assertArrayEquals(new double[] {-1.5, -0.5, -3, -3, -3, -3}, letters.byLetter());
    }

    @Test
    void aLeadingSpaceMayBeMissing() {
        assertEquals('C', RemoteLetters.of(Map.of("C", -0.1, "D", -2.0), "C", POSED).best(POSED, false));
    }

    /** "B" alone is what the answer would begin with if it had no space: no sign of the letter. */
    @Test
    void aVocabularyWhoseLettersAreSeveralTokensIsReadByItsAnswer() {
        assertEquals('D', RemoteLetters.of(Map.of(" ", -0.1, "B", -4.0), " D", POSED).best(POSED, false));
    }

    @Test
    void whereNoFirstTokenIsALetterTheAnswersLetterCounts() {
        double no = RemoteLetters.NOT_ANSWERED;
        assertArrayEquals(new double[] {no, no, 0, no, no, no}, RemoteLetters.of(Map.of(" ", -0.1), " **C**", POSED).byLetter());
        assertArrayEquals(new double[] {no, no, no, 0, no, no}, RemoteLetters.of(Map.of(), " D", POSED).byLetter());
    }

    @Test
    void anAnswerWithoutALetterOfAnOptionIsTheRefusal() {
        for (String text : new String[] {" none of them", "", " H"}) {
            assertEquals(PosedQuestion.REFUSAL_LETTER, RemoteLetters.of(Map.of(), text, POSED).best(POSED, false), text);
        }
    }
}
