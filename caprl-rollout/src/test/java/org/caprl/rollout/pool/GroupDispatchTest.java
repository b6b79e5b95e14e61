package org.caprl.rollout.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupDispatchTest {
    private static int[] captions(int groups, int each) {
        int[] captions = new int[groups];
        Arrays.fill(captions, each);
        return captions;
    }

    @Test
    void whatFitsAtOnceIsBalancedByCost() {
        GroupDispatch dispatch = new GroupDispatch(captions(5, 8), new double[] {10, 1, 1, 9, 1}, 2, 64);
        assertTrue(dispatch.atOnce());
        assertEquals(List.of(0, 2), dispatch.take(0));
        assertEquals(List.of(1, 3, 4), dispatch.take(1));
        assertEquals(List.of(), dispatch.take(0));
    }

    @Test
    void manyGroupsAreGivenOutInEverSmallerChunksThatFillTheRows() {
        GroupDispatch dispatch = new GroupDispatch(captions(40, 4), new double[40], 2, 8);
        assertFalse(dispatch.atOnce());
        assertEquals(10, dispatch.take(0).size());
        assertEquals(8, dispatch.take(1).size());
        assertEquals(6, dispatch.take(1).size());
        for (int size = 4; size > 2; size--) {
            assertEquals(size, dispatch.take(0).size());
        }
        while (!dispatch.take(1).isEmpty()) {
            // never fewer than fill the rows
        }
        assertFalse(dispatch.complete());
    }

    @Test
    void groupsOfALostPlaceGoToOthersOnce() {
        GroupDispatch dispatch = new GroupDispatch(captions(4, 8), new double[] {1, 1, 1, 1}, 2, 64);
        assertEquals(List.of(0, 2), dispatch.take(0));
        assertEquals(List.of(1, 3), dispatch.take(1));
        assertTrue(dispatch.deliver(0, 0));
        dispatch.lost(0);
        assertEquals(List.of(2), dispatch.take(1));
        assertEquals(List.of(), dispatch.take(0));
        assertTrue(dispatch.deliver(1, 1) && dispatch.deliver(1, 2) && dispatch.deliver(1, 3));
        assertTrue(dispatch.complete());
    }

    @Test
    void aShareThatWasNotBegunIsNotLost() {
        GroupDispatch dispatch = new GroupDispatch(captions(2, 8), new double[] {1, 1}, 2, 64);
        dispatch.lost(1);
        assertEquals(List.of(0), dispatch.take(0));
        assertEquals(List.of(1), dispatch.take(0));
    }

    @Test
    void theFirstOfTwoCounts() {
        GroupDispatch dispatch = new GroupDispatch(captions(4, 8), new double[] {1, 1, 1, 1}, 2, 64);
        dispatch.take(0);
        dispatch.take(1).forEach(g -> dispatch.deliver(1, g));
        assertEquals(List.of(2), dispatch.takeOver(1), "half of what place 0 has");
        assertEquals(List.of(0), dispatch.takeOver(1), "what nobody has twice");
        assertEquals(List.of(), dispatch.takeOver(1));
        assertTrue(dispatch.deliver(1, 2));
        assertArrayEquals(new int[] {2}, dispatch.takeVain(0));
        assertArrayEquals(new int[0], dispatch.takeVain(0));
        assertFalse(dispatch.deliver(0, 2));
        assertTrue(dispatch.deliver(0, 0));
        assertTrue(dispatch.complete());
    }

    @Test
    void whatTwoHaveIsLostOnlyWithBoth() {
        GroupDispatch dispatch = new GroupDispatch(captions(1, 8), new double[] {1}, 2, 64);
        dispatch.take(0);
        assertEquals(List.of(0), dispatch.takeOver(1));
        dispatch.lost(0);
        assertEquals(List.of(), dispatch.take(0));
        assertEquals(List.of(0), dispatch.takeOver(0), "now one alone has it");
        dispatch.lost(1);
        dispatch.lost(0);
        assertEquals(List.of(0), dispatch.take(1));
    }
}
