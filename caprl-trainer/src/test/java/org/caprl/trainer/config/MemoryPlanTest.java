package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.caprl.core.tensor.DryMemory;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    @Test
    void ownersHaveTheirPeaksAtDifferentTimes() {
        DryMemory memory = new DryMemory();
        try (TensorScope weights = new TensorScope(memory, MemoryOwner.WEIGHTS)) {
            weights.floats(1 << 20);
            try (TensorScope pages = weights.child(MemoryOwner.KV_PAGES)) {
                pages.floats(1 << 18);
            }
            try (TensorScope activations = weights.child(MemoryOwner.ACTIVATIONS)) {
                activations.floats(1 << 17);
            }
            MemoryPlan plan = MemoryPlan.of(memory);
            assertEquals(4 << 20, plan.of(MemoryOwner.WEIGHTS));
            assertEquals(1 << 20, plan.of(MemoryOwner.KV_PAGES));
            assertEquals(1 << 19, plan.of(MemoryOwner.ACTIVATIONS));
            assertEquals(0, plan.of(MemoryOwner.OPTIMIZER));
            assertEquals(5 << 20, plan.peak());
            assertTrue(plan.text().contains("512.0 KiB  of the largest group") && plan.text().contains("5.0 MiB  at a time"), plan.text());
        }
    }

    @Test
    void bytesAreReadable() {
        assertEquals("1023 B", MemoryPlan.size(1023));
        assertEquals("1.0 KiB", MemoryPlan.size(1024));
        assertEquals("1.5 GiB", MemoryPlan.size(3L << 29));
    }
}
