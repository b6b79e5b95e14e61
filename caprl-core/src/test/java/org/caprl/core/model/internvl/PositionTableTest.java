package org.caprl.core.model.internvl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PositionTableTest {
    /** What {@code torch.nn.functional.interpolate(x, mode="bicubic", align_corners=False)} makes of the squares of 0 … 8 in 3 x 3. */
    @Test
    void interpolatesAsTorchDoes() {
        check(2, 1.430755615234375, 6.522369384765625, 32.397369384765625, 53.180755615234375);
        check(4, -0.686861515045166, -0.5640969276428223, 0.9117531776428223, 2.677096128463745, 2.490590810775757, 4.784619331359863,
                9.65483283996582, 13.59144115447998, 19.013315200805664, 24.70170783996582, 34.87836837768555, 42.2093391418457,
                36.973968505859375, 44.8336296081543, 58.40465545654297, 67.90689086914062);
    }

    private static void check(int side, double... expected) {
        float[] weights = PositionTable.weights(3, side, side);
        assertEquals(1, weights[0], "the class token keeps its own");
        for (int row = 0; row < expected.length; row++) {
            int at = (1 + row) * 10;
            double sum = 0;
            for (int i = 0; i < 9; i++) {
                sum += weights[at + 1 + i] * i * i;
            }
            assertEquals(0, weights[at]);
            assertEquals(expected[row], sum, 1e-4);
        }
    }

    @Test
    void theSameGridStays() {
        float[] weights = PositionTable.weights(3, 3, 3);
        for (int i = 0; i < weights.length; i++) {
            assertEquals(i % 11 == 0 ? 1 : 0, weights[i]);
        }
    }
}
