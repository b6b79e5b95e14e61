package org.caprl.core.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProductSelfTestTest {
    private static final int OUTPUTS = 3 * Panels.WIDTH / 2;
    private static final int DEPTH = PanelKernels.CHAIN + 8;

    @Test
    void thisProcessorPasses() {
        assertEquals(new ProductSelfTest.Result(true, true), ProductSelfTest.result());
        assertTrue(new CpuProvider().probe().works());
    }

    @Test
    void aWrongProductAndAnotherBitAreFound() {
        float[] x = new float[70 * DEPTH];
        float[] w = new float[OUTPUTS * DEPTH];
        Arrays.fill(x, 1f);
        Arrays.fill(w, 0.5f);
        float[] many = new float[70 * OUTPUTS];
        Arrays.fill(many, DEPTH * 0.5f);
        float[] few = Arrays.copyOf(many, 5 * OUTPUTS);
        assertEquals(new ProductSelfTest.Result(true, true), ProductSelfTest.judge(x, w, many, few));
        few[7] = Math.nextUp(few[7]);
        assertEquals(new ProductSelfTest.Result(true, false), ProductSelfTest.judge(x, w, many, few));
        few[7] = 2 * few[8];
        assertEquals(new ProductSelfTest.Result(false, false), ProductSelfTest.judge(x, w, many, few));
        many[4 * OUTPUTS] = 0;
        assertEquals(false, ProductSelfTest.judge(x, w, many, few).right());
    }
}
