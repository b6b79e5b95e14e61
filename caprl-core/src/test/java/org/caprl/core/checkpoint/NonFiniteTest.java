package org.caprl.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.caprl.core.tensor.BFloat16;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonFiniteTest {
    private static final float[] EXTREMES = {0, -0f, 1, -1, Float.MIN_VALUE, -Float.MIN_NORMAL, 0x1.fep127f, -0x1.fep127f};

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void theFirstIsFoundAtEveryPlaceOfEveryLength(float bad) {
        for (int n = 0; n < 19; n++) {
            float[] values = new float[n];
            short[] halves = new short[n];
            for (int i = 0; i < n; i++) {
                values[i] = EXTREMES[i % EXTREMES.length];
                halves[i] = BFloat16.fromFloat(values[i]);
            }
            assertEquals(-1, NonFinite.first(MemorySegment.ofArray(values), Float.BYTES));
            assertEquals(-1, NonFinite.first(MemorySegment.ofArray(halves), Short.BYTES));
            for (int i = n - 1; i >= 0; i--) {
                values[i] = bad;
                halves[i] = BFloat16.fromFloat(bad);
                assertEquals(i, NonFinite.first(MemorySegment.ofArray(values), Float.BYTES));
                assertEquals(i, NonFinite.first(MemorySegment.ofArray(halves), Short.BYTES));
            }
        }
    }
}
