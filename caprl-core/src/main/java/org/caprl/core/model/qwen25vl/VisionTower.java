package org.caprl.core.model.qwen25vl;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Patches;
import org.caprl.core.nn.DecoderBlock;
import org.caprl.core.nn.Linear;
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
    private static final double THETA = 10000;

    private final VisionConfig config;
    private final Linear patchEmbed;
    private final Rope rope;
    private final List<DecoderBlock> blocks = new ArrayList<>();
    private final RmsNorm mergeNorm;
    private final Linear mergeIn;
    private final Linear mergeOut;

    VisionTower(VisionConfig config, Params params) {
        this.config = config;
        int width = config.hidden();
        Var kernel = params.weight("visual.patch_embed.proj.weight", width, config.channels(), config.temporalPatch(), config.patch(),
                config.patch());
        this.patchEmbed = new Linear(kernel.reshape(width, config.patchValues()), null);
        this.rope = Rope.patches(config.headDim(), THETA);
        for (int i = 0; i < config.depth(); i++) {
            String name = "visual.blocks." + i;
            RmsNorm before = RmsNorm.of(params, name + ".norm1", width, EPSILON);
            RmsNorm between = RmsNorm.of(params, name + ".norm2", width, EPSILON);
            Linear qkv = Linear.of(params, name + ".attn.qkv", width, 3 * width, true);
            Linear out = Linear.of(params, name + ".attn.proj", width, width, true);
            SelfAttention attention = new SelfAttention(qkv.outputs(0, width), qkv.outputs(width, 2 * width),
                    qkv.outputs(2 * width, 3 * width), out, config.headDim());
            blocks.add(new DecoderBlock(before, attention, between, SwiGluMlp.of(params, name + ".mlp", width, config.inner(), true)));
        }
        int merged = width * config.mergeUnit();
        this.mergeNorm = RmsNorm.of(params, "visual.merger.ln_q", width, EPSILON);
        this.mergeIn = Linear.of(params, "visual.merger.mlp.0", merged, merged, true);
        this.mergeOut = Linear.of(params, "visual.merger.mlp.2", merged, config.out(), true);
    }

    /** Patches [P, patchValues] of all images → [P / mergeUnit, out]. */
    Var forward(Pass pass, List<ImageInput> images) {
        WindowOrder order = WindowOrder.of(images, config);
        Var x = patchEmbed.forward(pass, Patches.of(pass, images, config.patchValues())); // [P, hidden]
        pass.observe("vision.patch_embed", x);
        x = Fn.gatherRows(pass, x, pass.scope().ints(order.patchOrder()));
        Tensor positions = pass.scope().ints(order.positions()).reshape(2, order.rows().length);
        Rope.Table table = rope.table(pass, positions);
        for (int i = 0; i < blocks.size(); i++) {
            DecoderBlock block = blocks.get(i);
            AttentionPlan plan = config.fullAttention().contains(i) ? order.frames() : order.windows();
            x = pass.block(x, (inner, h) -> block.forward(inner, h, table, plan, 0, null));
            pass.observe("vision.block" + i, x);
        }
        pass.observe("vision.before_merger", x);
        Var h = mergeNorm.forward(pass, x);
        h = Fn.reshape(pass, h, order.groupOrder().length, config.hidden() * config.mergeUnit()); // [P/4, 4·hidden]
        h = mergeOut.forward(pass, Fn.gelu(pass, mergeIn.forward(pass, h), Gelu.ERF)); // [P/4, out]
        h = Fn.gatherRows(pass, h, pass.scope().ints(order.inverse()));
        pass.observe("vision.after_merger", h);
        return h;
    }
}
