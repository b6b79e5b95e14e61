package org.caprl.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LengthRewardTest {
    @ParameterizedTest
    @CsvSource({"0, 1.0", "1, 1.0", "2047, 1.0", "2048, 1.0", "2049, 0.9990234375", "2304, 0.75", "2560, 0.5", "2816, 0.25",
        "3071, 0.0009765625", "3072, 0.0", "3073, 0.0", "100000, 0.0"})
    void tableOfLengths(int tokens, double reward) {
        assertEquals(reward, new LengthReward(2048, 3072).of(tokens));
    }

    @Test
    void limitsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new LengthReward(5, 5));
        assertThrows(IllegalArgumentException.class, () -> new LengthReward(-1, 5));
    }
}
