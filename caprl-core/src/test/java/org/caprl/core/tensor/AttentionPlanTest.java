package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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

    @Test
    void someRowsOfACausalPlanSeeWhatTheySaw() {
        AttentionPlan plan = AttentionPlan.causal(4).of(new int[] {1, 2});
        assertEquals(1, plan.segments());
        assertEquals(0, plan.queryStart(0));
        assertEquals(2, plan.queryEnd(0));
        assertEquals(3, plan.keyCount(0));
        assertTrue(plan.isCausal(0));
    }

    @Test
    void anyRowsOfAnyPlanSeeWhatTheySaw() {
        Random random = new Random(3);
        for (int trial = 0; trial < 200; trial++) {
            AttentionPlan plan = new AttentionPlan();
            int rows = 0;
            for (int s = 0; s < 4; s++) {
                int n = 1 + random.nextInt(4);
                plan.queries(rows, rows + n).keys(0, random.nextInt(3)).keys(5, 5 + random.nextInt(6));
                if (random.nextBoolean()) {
                    plan.causal();
                }
                rows += n;
            }
            int[] wanted = IntStream.range(0, rows).filter(i -> random.nextInt(3) > 0).toArray();
            AttentionPlan some = plan.of(wanted);
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(seen(plan, wanted[i]), seen(some, i), "trial " + trial + ", row " + wanted[i]);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> AttentionPlan.causal(2).of(new int[] {2}));
    }

    /** The keys of one query row, in order. */
    private static List<Integer> seen(AttentionPlan plan, int row) {
        for (int s = 0; s < plan.segments(); s++) {
            if (plan.queryStart(s) <= row && row < plan.queryEnd(s)) {
                List<Integer> keys = new ArrayList<>();
                for (int r = plan.firstRange(s); r < plan.firstRange(s + 1); r++) {
                    IntStream.range(plan.keyStart(r), plan.keyEnd(r)).forEach(keys::add);
                }
                int hidden = plan.isCausal(s) ? plan.queryEnd(s) - 1 - row : 0;
                return keys.subList(0, Math.max(0, keys.size() - hidden));
            }
        }
        throw new AssertionError("no query row " + row);
    }
}
