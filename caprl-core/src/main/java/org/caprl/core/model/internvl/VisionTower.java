package org.caprl.core.model.internvl;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.PatchEmbed;
import org.caprl.core.nn.GeluMlp;
import org.caprl.core.nn.Layer;
import org.caprl.core.nn.LayerNorm;
import org.caprl.core.nn.Linear;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.RmsNorm;
import org.caprl.core.nn.SelfAttention;
import org.caprl.core.tensor.Tensor;

/** {@code InternVLVisionModel}, pixel shuffle and {@code InternVLMultiModalProjector}: tiles of all images in, text rows out. */
final class VisionTower {
    /** The projector's norm takes none from the config; it is that of {@code torch.nn.LayerNorm}. */
    private static final float PROJECTOR_EPSILON = 1e-5f;

    private final InternVlConfig config;
    private final Var classToken;
    private final Var positions;
    private final PatchEmbed patchEmbed;
    private final List<VisionBlock> blocks = new ArrayList<>();
    private final Layer norm;
    private final Layer projectNorm;
    private final Layer project;

    VisionTower(InternVlConfig config, Params params) {
        this.config = config;
        VisionConfig v = config.vision();
        TensorNames names = config.names();
        int width = v.hidden();
        this.classToken = params.weight(names.tower() + names.classToken(), 1, 1, width).reshape(1, width);
        this.patchEmbed = new PatchEmbed(params, names.tower() + names.patches(), true, width, v.channels(), v.patch(), v.patch());
        int places = 1 + v.grid() * v.grid();
        this.positions = v.positions() ? params.weight(names.tower() + names.positions(), 1, places, width).reshape(places, width) : null;
        for (int i = 0; i < v.depth(); i++) {
            blocks.add(block(v, names, params, names.tower() + names.blocks() + i + "."));
        }
        this.norm = v.finalNorm() ? LayerNorm.of(params, names.tower() + "layernorm", width, v.epsilon()) : null;
        int shuffled = config.shuffledWidth();
        int text = config.text().hidden();
        this.projectNorm = LayerNorm.of(params, names.projectNorm(), shuffled, PROJECTOR_EPSILON);
        this.project = GeluMlp.of(params, names.projectIn(), names.projectOut(), shuffled, text, text, config.projector());
    }

    private static VisionBlock block(VisionConfig v, TensorNames names, Params params, String name) {
        int width = v.hidden();
        String attention = name + names.attention();
        Linear q;
        Linear k;
        Linear value;
        if (names.fused() == null) {
            q = Linear.of(params, attention + "q_proj", width, width, v.qkvBias());
            k = Linear.of(params, attention + "k_proj", width, width, v.qkvBias());
            value = Linear.of(params, attention + "v_proj", width, width, v.qkvBias());
        } else {
            Linear qkv = Linear.of(params, attention + names.fused(), width, 3 * width, v.qkvBias());
            q = qkv.outputs(0, width);
            k = qkv.outputs(width, 2 * width);
            value = qkv.outputs(2 * width, 3 * width);
        }
        SelfAttention.QkNorms norms = !v.qkNorms() ? null
                : new SelfAttention.QkNorms(RmsNorm.of(params, attention + "q_norm", width, v.qkEpsilon()),
                        RmsNorm.of(params, attention + "k_norm", width, v.qkEpsilon()));
        Linear out = Linear.of(params, attention + names.out(), width, width, true);
        return new VisionBlock(norm(v, params, name + names.before()), new SelfAttention(q, k, value, out, norms, v.headDim()),
                params.weight(name + names.attended(), width), norm(v, params, name + names.between()),
                GeluMlp.of(params, name + "mlp.fc1", name + "mlp.fc2", width, v.inner(), width, v.activation()),
                params.weight(name + names.transformed(), width));
    }

    private static Layer norm(VisionConfig v, Params params, String name) {
        return v.rmsNorms() ? RmsNorm.of(params, name, v.hidden(), v.epsilon()) : LayerNorm.of(params, name, v.hidden(), v.epsilon());
    }

    /** Patches of the tiles of all images → [tiles · patches / merge², text width]. */
    Var forward(Pass pass, List<ImageInput> images) {
        TileRows rows = TileRows.of(images);
        Var x = pass.block(patchEmbed.forward(pass, images), (inner, patches) -> embed(inner, patches, rows));
        pass.observe("vision.embeddings", x);
        for (int i = 0; i < blocks.size(); i++) {
            VisionBlock block = blocks.get(i);
            x = pass.block(x, (inner, h) -> block.forward(inner, h, rows.attention()));
            pass.observe("vision.block" + i, x);
        }
        x = norm == null ? x : norm.forward(pass, x);
        pass.observe("vision.before_merger", x);
        int[] order = rows.shuffled(config.merge(), config.transposed());
        Var h = Fn.gatherRows(pass, x, pass.scope().ints(order)); // [tiles · patches, hidden]
        h = Fn.reshape(pass, h, order.length / (config.merge() * config.merge()), config.shuffledWidth());
        pass.observe("vision.pixel_shuffled", h);
        h = pass.block(h, (inner, squares) -> project.forward(inner, projectNorm.forward(inner, squares)));
        pass.observe("vision.after_merger", h);
        return h;
    }

    /** Patches [tiles · patches, hidden] → class token and patches of each tile, with positions, [tiles · (1 + patches), hidden]. */
    private Var embed(Pass pass, Var patches, TileRows rows) {
        Var x = Fn.embedding(pass, classToken, pass.scope().ints(new int[rows.positions().length]), -1);
        x = Fn.splice(pass, x, patches, pass.scope().ints(rows.patches()));
        if (positions == null) {
            return x;
        }
        Tensor at = pass.scope().ints(rows.positions());
        int learned = config.vision().grid();
        if (rows.grid() == learned) {
            return Fn.add(pass, x, Fn.embedding(pass, positions, at, -1));
        }
        float[] weights = PositionTable.weights(learned, rows.grid(), rows.grid());
        int places = 1 + rows.grid() * rows.grid();
        Var table = Fn.mixRows(pass, pass.scope().floatsOf(weights, places, 1 + learned * learned), positions);
        return Fn.add(pass, x, Fn.gatherRows(pass, table, at));
    }
}
