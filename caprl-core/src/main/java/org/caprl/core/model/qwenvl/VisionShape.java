package org.caprl.core.model.qwenvl;

import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.RopeConfigs;
import org.caprl.core.nn.Rope;

/**
 * Numbers that the vision towers share.
 *
 * @param depth blocks
 * @param hidden width
 * @param inner width inside the MLP
 * @param heads attention heads
 * @param channels of a pixel
 * @param patch side of a patch in pixels
 * @param temporalPatch frames of a patch
 * @param merge side of the square of patches that becomes one text row
 * @param out width of the text decoder
 * @param rope rotary frequencies of rows and columns
 */
public record VisionShape(int depth, int hidden, int inner, int heads, int channels, int patch, int temporalPatch, int merge, int out,
        Rope rope) {
    /** The numbers of a {@code vision_config} with the defaults of its class; older files call the channels {@code in_chans}. */
    public static VisionShape of(ConfigNode c) {
        int hidden = c.extent("hidden_size");
        int heads = c.extent("num_heads");
        if (hidden % heads != 0 || hidden / heads % 4 != 0) {
            throw c.wrong("hidden_size", "a multiple of four times num_heads = " + heads);
        }
        ConfigNode file = ConfigNode.of(c.node(), c.where());
        int channels = !c.gives("in_channels") && c.gives("in_chans") ? file.extent("in_chans") : c.extent("in_channels");
        return new VisionShape(c.extent("depth"), hidden, c.extent("intermediate_size"), heads, channels, c.extent("patch_size"),
                c.extent("temporal_patch_size"), c.extent("spatial_merge_size"), c.extent("out_hidden_size"),
                RopeConfigs.patches(c, hidden / heads));
    }

    /** Channels, frames, height and width of a patch. */
    public int[] patchShape() {
        return new int[] {channels, temporalPatch, patch, patch};
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
