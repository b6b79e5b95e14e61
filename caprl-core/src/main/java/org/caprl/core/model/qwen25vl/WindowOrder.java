package org.caprl.core.model.qwen25vl;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.qwenvl.PatchGrid;
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
 * @param places of the patches, in window order
 * @param windows attention inside windows
 * @param windowEnds ends of the windows in rows, from 0 ({@code cu_window_seqlens})
 */
record WindowOrder(int[] patchOrder, int[] groupOrder, int[] inverse, PatchGrid places, AttentionPlan windows, int[] windowEnds) {

    static WindowOrder of(List<ImageInput> images, VisionConfig config) {
        int unit = config.shape().mergeUnit();
        int merge = config.shape().merge();
        int side = config.window() / merge / config.shape().patch();
        int patches = images.stream().mapToInt(ImageInput::patches).sum();
        int[] groupOrder = new int[patches / unit];
        int[] ends = new int[patches / unit + 1];
        int windowCount = 0;
        AttentionPlan windows = new AttentionPlan();
        int written = 0;
        int first = 0;
        for (ImageInput image : images) {
            int height = image.gridH() / merge;
            int width = image.gridW() / merge;
            for (int t = 0; t < image.gridT(); t++) {
                for (int top = 0; top < height; top += side) {
                    for (int left = 0; left < width; left += side) {
                        int start = written;
                        for (int y = top; y < Math.min(top + side, height); y++) {
                            for (int x = left; x < Math.min(left + side, width); x++) {
                                groupOrder[written++] = first + (t * height + y) * width + x;
                            }
                        }
                        windows.queries(start * unit, written * unit).keys(start * unit, written * unit);
                        ends[++windowCount] = written * unit;
                    }
                }
            }
            first += image.gridT() * height * width;
        }
        int[] inverse = new int[groupOrder.length];
        int[] patchOrder = new int[patches];
        for (int g = 0; g < groupOrder.length; g++) {
            inverse[groupOrder[g]] = g;
            for (int j = 0; j < unit; j++) {
                patchOrder[g * unit + j] = groupOrder[g] * unit + j;
            }
        }
        PatchGrid places = PatchGrid.of(images, merge).reordered(patchOrder);
        return new WindowOrder(patchOrder, groupOrder, inverse, places, windows, Arrays.copyOf(ends, windowCount + 1));
    }
}
