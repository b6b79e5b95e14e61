package org.caprl.core.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The tie rule. */
class GreedyIdsTest {
    private final GreedyIds golden = new GreedyIds(new int[][] {{1, 2, 3, 4}}, new float[][] {{0.5f, 0.0009f, 0.5f, 0.0001f}});

    @Test
    void equalIdsHaveNoMismatch() {
        assertEquals(0, golden.mismatches(0, new int[] {1, 2, 3, 4}));
    }

    @Test
    void aTieAtTheFirstDifferenceExcusesTheRest() {
        assertEquals(0, golden.mismatches(0, new int[] {1, 9, 9, 9}));
    }

    @Test
    void aTieAfterTheFirstDifferenceExcusesNothing() {
        assertEquals(2, golden.mismatches(0, new int[] {1, 2, 9, 9}));
    }

    @Test
    void missingIdsAreMismatches() {
        assertEquals(2, golden.mismatches(0, new int[] {1, 2}));
    }
}
