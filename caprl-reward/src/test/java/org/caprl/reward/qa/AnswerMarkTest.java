package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerMarkTest {
    /** The right option is B of A to D. */
    private static final PosedQuestion POSED = new PosedQuestion("Q?", List.of("one", "two", "three", "four"), 1);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "' B'                      | B  | true  | false",
        "' B) two'                 | B  | true  | false",
        "'B. A is wrong'           | B  | true  | false",
        "': **B**'                 | B  | true  | false",
        "' option B, not A'        | B  | true  | false",
        "' A, or perhaps B'        | A  | false | false",
        "' F) Can not answer'      | F  | false | true",
        "' E'                      | E  | false | false",
        "' I'                      | I  | false | false",
        "' I think B'              | I  | false | false",
        "' Both. B'                | B  | true  | false",
        "' The answer is B'        | B  | true  | false",
        "' Can not be told'        | C  | false | false",
        "' b'                      | '' | false | false",
        "' J or Z'                 | '' | false | false",
        "' two'                    | '' | false | false",
        "''                        | '' | false | false",
        "' Ｂ'                     | '' | false | false",
    })
    void firstCapitalLetterFromAToICounts(String generated, String letter, boolean right, boolean refused) {
        AnswerMark mark = AnswerMark.of(generated, POSED);
        assertEquals(letter, mark.letter().isPresent() ? Character.toString(mark.letter().getAsInt()) : "");
        assertEquals(right, mark.right());
        assertEquals(refused, mark.refused());
    }

    @ParameterizedTest
    @CsvSource({"F, true, false", "B, false, true", "C, false, true", "'', false, false"})
    void anAnswerThatIsNoOptionIsRightByItsLetterAlone(String generated, boolean right, boolean wrong) {
        AnswerMark mark = AnswerMark.of(generated, new PosedQuestion("Q?", List.of("one", "two"), 5));
        assertEquals(right, mark.right());
        assertEquals(wrong, mark.wrong());
    }

    @Test
    void onlyAChoiceIsWrong() {
        assertEquals(List.of(false, true, false, true, false),
                Stream.of("B", "A", "F", "E", "none").map(text -> AnswerMark.of(text, POSED).wrong()).toList());
    }
}
