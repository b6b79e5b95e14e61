package org.caprl.core.model.qwen25vl;

import java.util.Set;

/**
 * Numbers of the vision tower; defaults are those of {@code Qwen2_5_VLVisionConfig}.
 *
 * @param depth blocks
 * @param hidden width
 * @param inner width inside the MLP
 * @param heads attention heads
 * @param channels of a pixel
 * @param patch side of a patch in pixels
 * @param temporalPatch frames of a patch
 * @param merge side of the square of patches that becomes one text row
 * @param window side of a window in pixels
 * @param fullAttention blocks that see the whole frame
 * @param out width of the text decoder
 */
public record VisionConfig(int depth, int hidden, int inner, int heads, int channels, int patch, int temporalPatch, int merge, int window,
        Set<Integer> fullAttention, int out) {
    /** Values of one flattened patch. */
    public int patchValues() {
        return channels * temporalPatch * patch * patch;
    }

    /** Patches that become one text row. */
    public int mergeUnit() {
        return merge * merge;
    }

    /** Columns of one head. */
    public int headDim() {
        return hidden / heads;
    }
}
