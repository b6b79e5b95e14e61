package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BFloat16Test {
    @ParameterizedTest
    @CsvSource({
        "3f800000, 3f80", // 1
        "3f808000, 3f80", // half way, even below
        "3f818000, 3f82", // half way, even above
        "3f808001, 3f81", // just over half way
        "3f807fff, 3f80", // just under half way
        "bf818000, bf82", // the sign changes nothing
        "7f7fffff, 7f80", // the largest float rounds to infinity
        "7f800000, 7f80",
        "ff800000, ff80",
        "80000000, 8000", // negative zero
        "00008000, 0000", // subnormal, half way to the smallest
        "00008001, 0001",
    })
    void roundsToNearestEven(String floatBits, String expected) {
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(floatBits, 16));
        assertEquals(expected, "%04x".formatted(Short.toUnsignedInt(BFloat16.fromFloat(value))));
    }

    @Test
    void everyBfloat16SurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = BFloat16.toFloat((short) bits);
            short back = BFloat16.fromFloat(value);
            if (Float.isNaN(value)) {
                assertTrue(Float.isNaN(BFloat16.toFloat(back)));
            } else {
                assertEquals((short) bits, back);
            }
        }
    }

    @Test
    void everyNanStaysNan() {
        for (int bits : new int[] {0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff, 0x7fc00000}) {
            assertTrue(Float.isNaN(BFloat16.toFloat(BFloat16.fromFloat(Float.intBitsToFloat(bits)))));
        }
    }

    @Test
    void roundedValueIsTheNearerNeighbour() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(40) - 20));
            float rounded = BFloat16.toFloat(BFloat16.fromFloat(value));
            float below = BFloat16.toFloat((short) (Float.floatToRawIntBits(value) >>> 16)); // towards zero
            float above = BFloat16.toFloat((short) ((Float.floatToRawIntBits(value) >>> 16) + 1));
            double nearest = Math.min(Math.abs((double) value - below), Math.abs((double) value - above));
            assertEquals(nearest, Math.abs((double) value - rounded));
        }
    }

    @Test
    void bulkConversionsEqualTheSingleOnes() {
        Random random = new Random(2);
        float[] values = new float[1001];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        short[] narrowed = new short[values.length];
        BFloat16.narrow(MemorySegment.ofArray(values), MemorySegment.ofArray(narrowed));
        float[] widened = new float[values.length];
        BFloat16.widen(MemorySegment.ofArray(narrowed), MemorySegment.ofArray(widened));
        for (int i = 0; i < values.length; i++) {
            assertEquals(BFloat16.fromFloat(values[i]), narrowed[i]);
            assertEquals(BFloat16.toFloat(narrowed[i]), widened[i]);
        }
    }
}
