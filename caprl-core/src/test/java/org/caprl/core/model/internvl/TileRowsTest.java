package org.caprl.core.model.internvl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.junit.jupiter.api.Test;

class TileRowsTest {
    private static ImageInput image(int tiles, int gridH, int gridW) {
        return new ImageInput(new float[0], tiles, gridH, gridW);
    }

    @Test
    void eachTileIsItsClassTokenAndItsPatches() {
        TileRows rows = TileRows.of(List.of(image(2, 2, 2), image(1, 2, 2)));
        assertEquals(3, rows.tiles());
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4}, rows.positions());
        assertArrayEquals(new int[] {1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14}, rows.patches());
        assertArrayEquals(rows.patches(), rows.shuffled(2, false));
    }

    /** Patches 1 … 16 of a tile of 4 x 4; the first version of the pixel shuffle left rows and columns exchanged. */
    @Test
    void squaresOfPatchesBecomeNeighbours() {
        TileRows rows = TileRows.of(List.of(image(1, 4, 4)));
        assertArrayEquals(new int[] {1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16}, rows.shuffled(2, false));
        assertArrayEquals(new int[] {1, 2, 5, 6, 9, 10, 13, 14, 3, 4, 7, 8, 11, 12, 15, 16}, rows.shuffled(2, true));
        assertArrayEquals(rows.patches(), rows.shuffled(4, false));
        assertArrayEquals(rows.patches(), rows.shuffled(1, false));
    }

    @Test
    void tilesAreSquaresOfOneSize() {
        assertThrows(IllegalArgumentException.class, () -> TileRows.of(List.of(image(1, 4, 2))));
        assertThrows(IllegalArgumentException.class, () -> TileRows.of(List.of(image(1, 4, 4), image(1, 2, 2))));
    }
}
