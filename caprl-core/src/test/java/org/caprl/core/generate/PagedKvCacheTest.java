package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.HostMemory;
import org.junit.jupiter.api.Test;

class PagedKvCacheTest {
    private static PagedKvCache cache(HostMemory memory) {
        return new PagedKvCache(memory, new CausalLm.TextShape(2, 8, 4, 10, 100), 42, 4);
    }

    @Test
    void spansPromiseTakeAndGiveBackPages() {
        try (HostMemory memory = new HostMemory(); PagedKvCache cache = cache(memory)) {
            assertEquals(40, cache.rows());
            KvSpan prompt = cache.open(6);
            KvSpan branch = cache.open(9);
            assertEquals(5, cache.availablePages(), "promised pages are not available");
            int[] slots = new int[6];
            prompt.append(6, slots, 0);
            assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, slots);
            assertEquals(8, branch.append(), "a branch begins on a page of its own");
            prompt.retain();
            prompt.release();
            assertEquals(5, cache.availablePages(), "someone still holds it");
            prompt.release();
            branch.release();
            assertEquals(10, cache.availablePages());
        }
    }

    @Test
    void scatteredPagesGiveOneCausalSegmentAStretch() {
        try (HostMemory memory = new HostMemory(); PagedKvCache cache = cache(memory)) {
            KvSpan first = cache.open(4);
            KvSpan second = cache.open(4);
            KvSpan rest = cache.open(28);
            first.append(4, new int[4], 0);
            second.append(4, new int[4], 0);
            rest.append(28, new int[28], 0);
            first.release();
            KvSpan scattered = cache.open(7);
            int[] slots = new int[7];
            scattered.append(7, slots, 0);
            assertArrayEquals(new int[] {0, 1, 2, 3, 36, 37, 38}, slots);
            AttentionPlan plan = new AttentionPlan();
            scattered.causalSegments(plan, 10, second);
            assertEquals(2, plan.segments());
            assertEquals("10..14: 4-8 0-4 causal", text(plan, 0));
            assertEquals("14..17: 4-8 0-4 36-39 causal", text(plan, 1));
        }
    }

    private static String text(AttentionPlan plan, int s) {
        StringBuilder text = new StringBuilder(plan.queryStart(s) + ".." + plan.queryEnd(s) + ":");
        for (int r = plan.firstRange(s); r < plan.firstRange(s + 1); r++) {
            text.append(' ').append(plan.keyStart(r)).append('-').append(plan.keyEnd(r));
        }
        return text + (plan.isCausal(s) ? " causal" : "");
    }
}
