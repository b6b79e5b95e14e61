package org.caprl.core.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class NarrowWeightsTest {
    @Test
    void withAvx512TheyHaveTheBitsOfWidenedWeights() {
        assumeTrue((Dnnl.effectiveIsa() & NarrowWeights.AVX512) == NarrowWeights.AVX512, "other hardware: needs AVX-512");
        assertTrue(NarrowWeights.allowed());
    }
}
