package org.caprl.core.model.qwen25vl;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.tensor.AttentionPlan;

/**
 * The order in which the vision tower works on patches, and who sees whom
 * ({@code Qwen2_5_VisionTransformerPretrainedModel.get_window_index}).
 *
 * <p>Patches come in groups of merge x merge. Groups are re-ordered so that each window's are neighbours; the merger's rows are put back.
 *
 * @param patchOrder for each row in window order, the row of the input patch
 * @param groupOrder for each group in window order, the group in original order ({@code window_index})
 * @param inverse for each group in original order, where it is in window order
 * @param rows row of each patch in its image's grid, in window order
 * @param columns column of each patch in its image's grid, in window order
 * @param windows attention inside windows
 * @param windowEnds ends of the windows in rows, from 0 ({@code cu_window_seqlens})
 * @param frames attention over whole frames
 */
record WindowOrder(int[] patchOrder, int[] groupOrder, int[] inverse, int[] rows, int[] columns, AttentionPlan windows, int[] windowEnds,
        AttentionPlan frames) {

    static WindowOrder of(List<ImageInput> images, VisionConfig config) {
        int unit = config.mergeUnit();
        int merge = config.merge();
        int side = config.window() / merge / config.patch();
        int patches = images.stream().mapToInt(ImageInput::patches).sum();
        int[] groupOrder = new int[patches / unit];
        int[] groupRow = new int[patches / unit];
        int[] groupColumn = new int[patches / unit];
        int[] ends = new int[patches / unit + 1];
        int windowCount = 0;
        AttentionPlan windows = new AttentionPlan();
        AttentionPlan frames = new AttentionPlan();
        int written = 0;
        int first = 0;
        for (ImageInput image : images) {
            int height = image.gridH() / merge;
            int width = image.gridW() / merge;
            for (int t = 0; t < image.gridT(); t++) {
                int frameStart = written * unit;
                for (int top = 0; top < height; top += side) {
                    for (int left = 0; left < width; left += side) {
                        int start = written;
                        for (int y = top; y < Math.min(top + side, height); y++) {
                            for (int x = left; x < Math.min(left + side, width); x++) {
                                groupOrder[written] = first + (t * height + y) * width + x;
                                groupRow[written] = y;
                                groupColumn[written] = x;
                                written++;
                            }
                        }
                        windows.queries(start * unit, written * unit).keys(start * unit, written * unit);
                        ends[++windowCount] = written * unit;
                    }
                }
                frames.queries(frameStart, written * unit).keys(frameStart, written * unit);
            }
            first += image.gridT() * height * width;
        }
        int[] inverse = new int[groupOrder.length];
        int[] patchOrder = new int[patches];
        int[] rows = new int[patches];
        int[] columns = new int[patches];
        for (int g = 0; g < groupOrder.length; g++) {
            inverse[groupOrder[g]] = g;
            for (int j = 0; j < unit; j++) {
                patchOrder[g * unit + j] = groupOrder[g] * unit + j;
                rows[g * unit + j] = groupRow[g] * merge + j / merge;
                columns[g * unit + j] = groupColumn[g] * merge + j % merge;
            }
        }
        return new WindowOrder(patchOrder, groupOrder, inverse, rows, columns, windows, Arrays.copyOf(ends, windowCount + 1), frames);
    }

    /** Positions [2, patches] for the rotary table: rows, then columns. */
    int[] positions() {
        int[] both = Arrays.copyOf(rows, rows.length * 2);
        System.arraycopy(columns, 0, both, rows.length, columns.length);
        return both;
    }
}
