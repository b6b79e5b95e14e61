package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AttentionPlanTest {
    @Test
    void aGroupOfTwoCaptionsOverOnePrompt() {
        AttentionPlan plan = new AttentionPlan().queries(0, 3).keys(0, 3).causal().queries(3, 5).keys(0, 3).keys(3, 5).causal()
                .queries(5, 7).keys(0, 3).keys(5, 7).causal();
        assertEquals(3, plan.segments());
        assertEquals(5, plan.queryStart(2));
        assertEquals(7, plan.queryEnd(2));
        assertEquals(5, plan.keyCount(2));
        assertEquals(2, plan.firstRange(3) - plan.firstRange(2));
        assertEquals(1, plan.firstRange(2) - plan.firstRange(1), "ranges that touch are joined");
        assertEquals(5, plan.keyCount(1));
        assertTrue(plan.isCausal(2));
    }

    @Test
    void rangesOfTwoSegmentsAreNotJoinedAndEmptyOnesAreLeftOut() {
        AttentionPlan plan = new AttentionPlan().queries(0, 1).keys(0, 4).queries(1, 2).keys(4, 4).keys(4, 6);
        assertEquals(4, plan.keyCount(0));
        assertEquals(2, plan.keyCount(1));
        assertEquals(1, plan.firstRange(2) - plan.firstRange(1));
    }

    @Test
    void growsAndStartsAnew() {
        AttentionPlan plan = new AttentionPlan();
        for (int round = 0; round < 2; round++) {
            plan.clear();
            for (int s = 0; s < 100; s++) {
                plan.queries(s, s + 1).keys(0, 1).keys(2, 3).keys(4, 5 + s);
            }
            assertEquals(100, plan.segments());
            assertEquals(2 + 1 + 99, plan.keyCount(99));
            assertFalse(plan.isCausal(99));
        }
    }
}
