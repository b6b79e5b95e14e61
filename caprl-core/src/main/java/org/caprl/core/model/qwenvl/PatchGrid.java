package org.caprl.core.model.qwenvl;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.tensor.AttentionPlan;

/**
 * Where patches are, in the order in which image processors give them: square by square, and inside a square row by row
 * ({@code get_vision_position_ids}).
 *
 * @param rows row of each patch in its image's grid
 * @param columns column of each patch in its image's grid
 * @param frames attention of all patches of a frame to each other
 */
public record PatchGrid(int[] rows, int[] columns, AttentionPlan frames) {
    /** The patches of these images, in squares of {@code merge} by {@code merge}. */
    public static PatchGrid of(List<ImageInput> images, int merge) {
        int patches = images.stream().mapToInt(ImageInput::patches).sum();
        int[] rows = new int[patches];
        int[] columns = new int[patches];
        AttentionPlan frames = new AttentionPlan();
        int first = 0;
        for (ImageInput image : images) {
            int ofFrame = image.gridH() * image.gridW();
            for (int t = 0; t < image.gridT(); t++, first += ofFrame) {
                for (int i = 0; i < ofFrame; i++) {
                    int square = i / (merge * merge);
                    int acrossSquares = image.gridW() / merge;
                    rows[first + i] = square / acrossSquares * merge + i / merge % merge;
                    columns[first + i] = square % acrossSquares * merge + i % merge;
                }
                frames.queries(first, first + ofFrame).keys(first, first + ofFrame);
            }
        }
        return new PatchGrid(rows, columns, frames);
    }

    /** The same places in another order: entry i is patch {@code order[i]}; patches stay in their frames. */
    public PatchGrid reordered(int[] order) {
        return new PatchGrid(Arrays.stream(order).map(i -> rows[i]).toArray(), Arrays.stream(order).map(i -> columns[i]).toArray(), frames);
    }

    /** Positions [2, patches] for the rotary table: rows, then columns. */
    public int[] positions() {
        int[] both = Arrays.copyOf(rows, rows.length * 2);
        System.arraycopy(columns, 0, both, rows.length, columns.length);
        return both;
    }
}
