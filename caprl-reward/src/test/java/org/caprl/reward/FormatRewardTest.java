package org.caprl.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.caprl.reward.FormatReward.TimeMarks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatRewardTest {
    /** Columns: caption, marks, valid marks, order, reward. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[00:01] a [00:05 - 00:09] b [01:20] c          | 3 | 3 | 1.0                | 1.0",
        "[00:05] a [00:01] b                            | 2 | 2 | 0.0                | 0.55",
        "[00:01] a [00:75] b [00:09] c [00:12] d        | 4 | 3 | 1.0                | 0.75",
        "'no marks at all'                              | 0 | 0 | 0.0                | 0.0",
        "''                                             | 0 | 0 | 0.0                | 0.0",
        "[00:10] a                                      | 1 | 1 | 1.0                | 0.7",
        "[00:10] a [00:10] b [00:10] c                  | 3 | 3 | 1.0                | 1.0",
        "[00:03] a [00:02] b [00:01] c                  | 3 | 3 | 0.0                | 0.7",
        "[00:01] a [00:03] b [00:02] c [00:04] d        | 4 | 4 | 0.6666666666666666 | 0.9",
        "[00:09 - 00:05] a [00:01] b                    | 2 | 1 | 1.0                | 0.35",
        "[1:05] a [599:59] b [600:00] c                 | 3 | 2 | 1.0                | 0.5666666666666667",
        "[00:1] a [0005:00] b [00:00:10] c              | 3 | 0 | 0.0                | 0.0",
        "[00:01-00:02] a [00:03 -00:04] b [00:05–00:06] | 3 | 2 | 1.0                | 0.5666666666666667",
        "[a:b] [12] [:] (00:01) 00:02 [note: 3]         | 0 | 0 | 0.0                | 0.0",
    })
    void tableOfMarks(String caption, int marks, int valid, double order, double reward) {
        TimeMarks found = TimeMarks.of(caption);
        assertEquals(new TimeMarks(marks, valid, order), found);
        assertEquals(reward, found.value(), 1e-15);
    }
}
