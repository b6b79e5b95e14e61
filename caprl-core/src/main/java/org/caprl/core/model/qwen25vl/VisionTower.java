package org.caprl.core.model.qwen25vl;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.PatchEmbed;
import org.caprl.core.model.qwenvl.PatchMerger;
import org.caprl.core.model.qwenvl.VisionShape;
import org.caprl.core.nn.DecoderBlock;
import org.caprl.core.nn.GeluMlp;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.RmsNorm;
import org.caprl.core.nn.Rope;
import org.caprl.core.nn.SelfAttention;
import org.caprl.core.nn.SwiGluMlp;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;

/** {@code Qwen2_5_VisionTransformerPretrainedModel}: patches of all images in, one text row for each merged square of patches out. */
final class VisionTower {
    private static final float EPSILON = 1e-6f;

    private final VisionConfig config;
    private final PatchEmbed patchEmbed;
    private final List<DecoderBlock> blocks = new ArrayList<>();
    private final PatchMerger merger;

    VisionTower(VisionConfig config, Params params) {
        this.config = config;
        VisionShape shape = config.shape();
        int width = shape.hidden();
        this.patchEmbed = new PatchEmbed(params, "visual.patch_embed.proj", false, shape.hidden(), shape.patchShape());
        for (int i = 0; i < shape.depth(); i++) {
            String name = "visual.blocks." + i;
            RmsNorm before = RmsNorm.of(params, name + ".norm1", width, EPSILON);
            RmsNorm between = RmsNorm.of(params, name + ".norm2", width, EPSILON);
            SelfAttention attention = SelfAttention.fused(params, name + ".attn.qkv", name + ".attn.proj", width, shape.headDim());
            blocks.add(new DecoderBlock(before, attention, between, SwiGluMlp.of(params, name + ".mlp", width, shape.inner(), true)));
        }
        int merged = width * shape.mergeUnit();
        this.merger = new PatchMerger(RmsNorm.of(params, "visual.merger.ln_q", width, EPSILON), false,
                GeluMlp.of(params, "visual.merger.mlp.0", "visual.merger.mlp.2", merged, merged, shape.out(), Gelu.ERF), shape.mergeUnit());
    }

    /** Patches of all images → [P / mergeUnit, out]. */
    Var forward(Pass pass, List<ImageInput> images) {
        WindowOrder order = WindowOrder.of(images, config);
        Var x = patchEmbed.forward(pass, images); // [P, hidden]
        pass.observe("vision.patch_embed", x);
        x = Fn.gatherRows(pass, x, pass.scope().ints(order.patchOrder()));
        Tensor positions = pass.scope().ints(order.places().positions()).reshape(2, x.value().rowCount());
        Rope.Table table = config.shape().rope().table(pass, positions);
        for (int i = 0; i < blocks.size(); i++) {
            DecoderBlock block = blocks.get(i);
            AttentionPlan plan = config.fullAttention().contains(i) ? order.places().frames() : order.windows();
            x = pass.block(x, (inner, h) -> block.forward(inner, h, table, plan, 0, null));
            pass.observe("vision.block" + i, x);
        }
        pass.observe("vision.before_merger", x);
        Var h = merger.forward(pass, x); // [P/4, out]
        h = Fn.gatherRows(pass, h, pass.scope().ints(order.inverse()));
        pass.observe("vision.after_merger", h);
        return h;
    }
}
