package org.caprl.core.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RopeTest {
    /** {@code LlamaRotaryEmbedding(config).inv_freq} of {@code transformers} 5.23, with Llama-3.2-1B's numbers. */
    private static final float[] LLAMA_3_2 = {0x1.0000000000000p+0f, 0x1.53c38c0000000p-1f, 0x1.c2ef780000000p-2f, 0x1.2b3dc60000000p-2f,
        0x1.8d27600000000p-3f, 0x1.078d400000000p-3f, 0x1.5dc95a0000000p-4f, 0x1.d03cce0000000p-5f, 0x1.3411900000000p-5f,
        0x1.98de920000000p-6f, 0x1.0f53860000000p-6f, 0x1.681ada0000000p-7f, 0x1.ddee9e0000000p-8f, 0x1.3d28040000000p-8f,
        0x1.a4ee400000000p-9f, 0x1.524f360000000p-10f, 0x1.c26c400000000p-12f, 0x1.9731ee0000000p-14f, 0x1.46831a0000000p-16f,
        0x1.b159020000000p-17f, 0x1.1f91f00000000p-17f, 0x1.7da9e80000000p-18f, 0x1.fa8b860000000p-19f, 0x1.5024d60000000p-19f,
        0x1.be21880000000p-20f, 0x1.280d960000000p-20f, 0x1.88ec200000000p-21f, 0x1.04be680000000p-21f, 0x1.5a0f4e0000000p-22f,
        0x1.cb4a9a0000000p-23f, 0x1.30c94e0000000p-23f, 0x1.9483600000000p-24f};
    /** Other numbers: theta 10000, heads of 24 columns, factor 3, low 1.5, high 5, first length 100. */
    private static final float[] OTHER = {1.0f, 0.46415889263153076f, 0.15097001194953918f, 0.035077132284641266f, 0.015471961349248886f,
        0.007181449327617884f, 0.003333333181217313f, 0.0015471965307369828f, 0.0007181447581388056f, 0.0003333333588670939f,
        0.00015471964434254915f, 7.181447290349752e-05f};

    /** PyTorch's float32 power is off by up to an ulp or two from the rounded one; the interpolation keeps that. */
    @Test
    void llama3FrequenciesAreThoseOfTransformers() {
        assertClose(LLAMA_3_2, Rope.text(64, 500000, new Rope.Llama3(32, 1, 4, 8192)).spec().inverseFrequencies());
        assertClose(OTHER, Rope.text(24, 10000, new Rope.Llama3(3, 1.5, 5, 100)).spec().inverseFrequencies());
    }

    private static void assertClose(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 4 * Math.ulp(expected[i]), "frequency " + i);
        }
    }

    @Test
    void sectionsFollowEachOther() {
        assertArrayEquals(new int[] {0, 1, 1, 2, 2, 2}, Rope.sections(12, 10000, 1, 2, 3).spec().axis());
    }

    /** Qwen3-VL: height and width take turns with time below three times their section, time has the rest. */
    @Test
    void axesTakeTurns() {
        assertArrayEquals(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 0, 0, 0, 0}, Rope.interleaved(24, 10000, 7, 3, 2).spec().axis());
        assertArrayEquals(new int[] {0, 1, 2, 0}, Rope.interleaved(8, 10000, 24, 20, 20).spec().axis(), "cut off at the head's end");
    }
}
