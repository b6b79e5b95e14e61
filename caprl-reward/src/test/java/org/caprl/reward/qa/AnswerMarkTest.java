package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

    @Test
    void rewardIsTheShareOfRightAnswers() {
        List<AnswerMark> marks = Stream.of("B", "F", "", "B").map(text -> AnswerMark.of(text, POSED)).toList();
        assertEquals(0.5, AnswerMark.shareRight(marks));
        assertThrows(IllegalArgumentException.class, () -> AnswerMark.shareRight(List.of()));
    }
}
