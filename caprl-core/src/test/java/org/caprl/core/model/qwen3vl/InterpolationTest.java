package org.caprl.core.model.qwen3vl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.Golden;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.qwenvl.PatchGrid;
import org.junit.jupiter.api.Test;

class InterpolationTest {
    /** Corners on corners: a 4 x 2 grid over a 3 x 3 table, square by square. */
    @Test
    void aWorkedExample() {
        List<ImageInput> images = List.of(new ImageInput(new float[0], 1, 4, 2));
        Interpolation of = Interpolation.of(images, PatchGrid.of(images, 2), 3);
        float third = 2f / 3;
        assertTaps(of, 0, new int[] {0, 1, 3, 4}, 1, 0, 0, 0); // row 0, column 0
        assertTaps(of, 1, new int[] {2, 2, 5, 5}, 1, 0, 0, 0); // row 0, column 1: the last of the table
        assertTaps(of, 2, new int[] {0, 1, 3, 4}, 1 - third, 0, third, 0); // row 1 lies at 2/3
        assertTaps(of, 4, new int[] {3, 4, 6, 7}, third, 0, 1 - third, 0); // row 2 at 4/3
        assertTaps(of, 7, new int[] {8, 8, 8, 8}, 1, 0, 0, 0); // the last corner
    }

    private static void assertTaps(Interpolation of, int patch, int[] positions, float... weights) {
        assertArrayEquals(positions, Arrays.copyOfRange(of.positions(), patch * 4, patch * 4 + 4));
        assertArrayEquals(weights, Arrays.copyOfRange(of.weights(), patch * 4, patch * 4 + 4), 1e-6f);
    }

    @Test
    void entriesAndWeightsAreThoseOfTransformers() {
        try (SafeTensorsFile golden = SafeTensorsFile.open(Golden.require("qwen3_vl/cases/single/tensors.safetensors"))) {
            long[] grid = golden.longs("input.image_grid_thw");
            List<ImageInput> images = List.of(new ImageInput(new float[0], (int) grid[0], (int) grid[1], (int) grid[2]));
            Interpolation of = Interpolation.of(images, PatchGrid.of(images, 2), 6);
            assertArrayEquals(Arrays.stream(golden.longs("vision.interp_idx")).mapToInt(Math::toIntExact).toArray(), of.positions());
            assertArrayEquals(golden.floats("vision.interp_w"), of.weights());
            assertEquals(of.positions().length, of.weights().length);
        }
    }
}
