package org.caprl.core.model.qwen25vl;

import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.DecoderLm;
import org.caprl.core.model.TextConfig;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** {@code Qwen2_5_VLForConditionalGeneration}. */
public final class Qwen25Vl extends DecoderLm {
    /** {@code model_type}. */
    public static final String FAMILY = "qwen2_5_vl";

    private final VisionConfig vision;
    private final VisionTower tower;
    private final int imageToken;

    /** The model with these numbers over these weights. */
    public Qwen25Vl(VisionConfig vision, TextConfig text, int imageToken, Params params) {
        super(FAMILY, text, params);
        this.vision = vision;
        this.tower = new VisionTower(vision, params);
        this.imageToken = imageToken;
    }

    @Override
    public int positionAxes() {
        return 3;
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code get_rope_index}: text advances all three axes by one; an image stands still in time and counts rows and columns from
     * where it begins; what follows continues after the largest position so far.
     */
    @Override
    public Positions positions(int[] ids, List<ImageInput> images) {
        int n = ids.length;
        int[] values = new int[3 * n];
        int next = 0;
        int image = 0;
        for (int i = 0; i < n;) {
            if (ids[i] != imageToken) {
                values[i] = next;
                values[n + i] = next;
                values[2 * n + i] = next;
                next++;
                i++;
                continue;
            }
            if (image == images.size()) {
                throw new IllegalArgumentException("the ids have more places of images than there are images (" + images.size() + ")");
            }
            ImageInput grid = images.get(image++);
            int height = grid.gridH() / vision.merge();
            int width = grid.gridW() / vision.merge();
            int count = grid.gridT() * height * width;
            for (int j = 0; j < count; j++, i++) {
                if (i >= n || ids[i] != imageToken) {
                    throw new IllegalArgumentException("image " + image + " needs " + count + " image tokens, the ids have " + j);
                }
                values[i] = next + j / (height * width);
                values[n + i] = next + j / width % height;
                values[2 * n + i] = next + j % width;
            }
            next += Math.max(grid.gridT(), Math.max(height, width));
        }
        if (image != images.size()) {
            throw new IllegalArgumentException(images.size() + " images, but only " + image + " places for them in the ids");
        }
        return new Positions(values, 3, next);
    }

    @Override
    public Var embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        Var embeddings = decoder().embed(pass, ids); // [T, hidden]
        if (images.isEmpty()) {
            return embeddings;
        }
        return Fn.splice(pass, embeddings, tower.forward(pass, images), imageRows);
    }

    @Override
    public int imageToken() {
        return imageToken;
    }

    /** The window order of these images, for comparison with golden data: {@code window_index}, then {@code cu_window_seqlens}. */
    public int[][] windowOrder(List<ImageInput> images) {
        WindowOrder order = WindowOrder.of(images, vision);
        return new int[][] {order.groupOrder(), order.windowEnds()};
    }
}
