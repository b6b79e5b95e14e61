package org.caprl.core.model.qwen3vl;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.PatchEmbed;
import org.caprl.core.model.qwenvl.PatchGrid;
import org.caprl.core.model.qwenvl.PatchMerger;
import org.caprl.core.model.qwenvl.QwenVl;
import org.caprl.core.model.qwenvl.VisionShape;
import org.caprl.core.nn.DecoderBlock;
import org.caprl.core.nn.GeluMlp;
import org.caprl.core.nn.LayerNorm;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.Rope;
import org.caprl.core.nn.SelfAttention;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;

/** {@code Qwen3VLVisionModel}: patches of all images in, one text row for each merged square of patches out, and deepstack features. */
final class VisionTower {
    private static final float EPSILON = 1e-6f;

    private final VisionConfig config;
    private final PatchEmbed patchEmbed;
    private final PositionTable positions;
    private final List<DecoderBlock> blocks = new ArrayList<>();
    private final PatchMerger merger;
    private final List<PatchMerger> deepstack = new ArrayList<>();

    VisionTower(VisionConfig config, Params params) {
        this.config = config;
        VisionShape shape = config.shape();
        int width = shape.hidden();
        this.patchEmbed = new PatchEmbed(params, "visual.patch_embed.proj", true, shape.hidden(), shape.patchShape());
        this.positions = new PositionTable(params, "visual.pos_embed", config.positions(), width);
        for (int i = 0; i < shape.depth(); i++) {
            String name = "visual.blocks." + i;
            blocks.add(new DecoderBlock(LayerNorm.of(params, name + ".norm1", width, EPSILON),
                    SelfAttention.fused(params, name + ".attn.qkv", name + ".attn.proj", width, shape.headDim()),
                    LayerNorm.of(params, name + ".norm2", width, EPSILON),
                    GeluMlp.of(params, name + ".mlp.linear_fc1", name + ".mlp.linear_fc2", width, shape.inner(), width, Gelu.TANH)));
        }
        this.merger = merger(params, "visual.merger", shape, false);
        for (int i = 0; i < config.deepstack().length; i++) {
            deepstack.add(merger(params, "visual.deepstack_merger_list." + i, shape, true));
        }
    }

    private static PatchMerger merger(Params params, String name, VisionShape shape, boolean normsSquares) {
        int merged = shape.hidden() * shape.mergeUnit();
        return new PatchMerger(LayerNorm.of(params, name + ".norm", normsSquares ? merged : shape.hidden(), EPSILON), normsSquares,
                GeluMlp.of(params, name + ".linear_fc1", name + ".linear_fc2", merged, merged, shape.out(), Gelu.ERF), shape.mergeUnit());
    }

    /** Patches [P, patchValues] of all images → rows [P / mergeUnit, out]. */
    QwenVl.Seen forward(Pass pass, List<ImageInput> images) {
        PatchGrid grid = PatchGrid.of(images, config.shape().merge());
        Var patches = patchEmbed.forward(pass, images); // [P, hidden]
        pass.observe("vision.patch_embed", patches);
        Var x = pass.block(patches, (inner, h) -> Fn.add(inner, h, positions.forward(inner, images, grid))); // [P, hidden]
        Tensor at = pass.scope().ints(grid.positions()).reshape(2, x.value().rowCount());
        Rope.Table table = config.shape().rope().table(pass, at);
        List<Var> features = new ArrayList<>(); // in order of the blocks, whatever the order of the mergers
        for (int i = 0; i < blocks.size(); i++) {
            DecoderBlock block = blocks.get(i);
            x = pass.block(x, (inner, h) -> block.forward(inner, h, table, grid.frames(), 0, null));
            pass.observe("vision.block" + i, x);
            for (int d = 0; d < deepstack.size(); d++) {
                if (config.deepstack()[d] == i) {
                    features.add(pass.branch(x, deepstack.get(d)::forward)); // [P/4, out]
                    pass.observe("vision.deepstack" + d, features.getLast());
                }
            }
        }
        pass.observe("vision.before_merger", x);
        Var merged = pass.block(x, merger::forward); // [P/4, out]
        pass.observe("vision.after_merger", merged);
        return new QwenVl.Seen(merged, features);
    }
}
