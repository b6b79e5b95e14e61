package org.caprl.core.model;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.DecoderBlock;
import org.caprl.core.nn.HeadNorm;
import org.caprl.core.nn.KvCache;
import org.caprl.core.nn.Linear;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.RmsNorm;
import org.caprl.core.nn.Rope;
import org.caprl.core.nn.SelfAttention;
import org.caprl.core.nn.SwiGluMlp;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;

/** Token embedding, decoder blocks, final norm and head ({@code Qwen2Model} with its {@code lm_head}). */
public final class TextDecoder {
    private final TextConfig config;
    private final Var table;
    private final List<DecoderBlock> blocks = new ArrayList<>();
    private final RmsNorm norm;
    private final Var head;

    /**
     * The decoder whose tensors are {@code model.embed_tokens}, {@code model.layers.N}, {@code model.norm} and {@code lm_head}.
     *
     * @param prefix of all these names; may be empty
     */
    public TextDecoder(TextConfig config, Params params, String prefix) {
        this.config = config;
        this.table = params.weight(prefix + "model.embed_tokens.weight", config.vocab(), config.hidden());
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(block(config, params, prefix + "model.layers." + i));
        }
        this.norm = RmsNorm.of(params, prefix + "model.norm", config.hidden(), config.epsilon());
        this.head = config.tied() ? table : params.weight(prefix + "lm_head.weight", config.vocab(), config.hidden());
    }

    private static DecoderBlock block(TextConfig c, Params params, String name) {
        String attention = name + ".self_attn";
        int width = c.heads() * c.headDim();
        int kvWidth = c.kvHeads() * c.headDim();
        return new DecoderBlock(
                RmsNorm.of(params, name + ".input_layernorm", c.hidden(), c.epsilon()),
                new SelfAttention(Linear.of(params, attention + ".q_proj", c.hidden(), width, c.qkvBias()),
                        Linear.of(params, attention + ".k_proj", c.hidden(), kvWidth, c.qkvBias()),
                        Linear.of(params, attention + ".v_proj", c.hidden(), kvWidth, c.qkvBias()),
                        Linear.of(params, attention + ".o_proj", width, c.hidden(), c.outBias()),
                        c.headNorms() ? headNorms(c, params, attention) : null, c.headDim()),
                RmsNorm.of(params, name + ".post_attention_layernorm", c.hidden(), c.epsilon()),
                SwiGluMlp.of(params, name + ".mlp", c.hidden(), c.inner(), c.mlpBias()));
    }

    private static SelfAttention.QkNorms headNorms(TextConfig c, Params params, String attention) {
        return new SelfAttention.QkNorms(HeadNorm.of(params, attention + ".q_norm", c.headDim(), c.epsilon()),
                HeadNorm.of(params, attention + ".k_norm", c.headDim(), c.epsilon()));
    }

    /** ids int32 [T] → [T, hidden]. */
    public Var embed(Pass pass, Tensor ids) {
        return Fn.embedding(pass, table, ids, config.padding());
    }

    /** See {@link CausalLm#decode(Pass, CausalLm.Embeddings, Tensor, AttentionPlan, KvCache, int[])}. */
    public Var decode(Pass pass, CausalLm.Embeddings embeddings, Tensor positions, AttentionPlan plan, KvCache cache, int[] rows) {
        Rope.Table rope = config.rope().table(pass, positions);
        Var x = embeddings.rows();
        DecoderBlock.Rows wanted = rows == null || rows.length == x.value().rowCount() ? null
                : new DecoderBlock.Rows(pass.scope().ints(rows), plan.of(rows));
        // What is added after the last block has a place among all rows.
        boolean addedLast = blocks.size() <= embeddings.deepstack().size();
        for (int i = 0; i < blocks.size(); i++) {
            int layer = i;
            DecoderBlock block = blocks.get(i);
            pass.observe("hidden_states." + i, x);
            if (i > 0 && i <= embeddings.deepstack().size()) {
                x = pass.replace(x, Fn.addRows(pass, x, embeddings.deepstack().get(i - 1), embeddings.imageRows()));
            }
            boolean some = wanted != null && !addedLast && layer == blocks.size() - 1;
            x = pass.block(x, (inner, h) -> some ? block.forward(inner, h, rope, wanted, layer, cache)
                    : block.forward(inner, h, rope, plan, layer, cache));
        }
        if (addedLast) {
            x = Fn.addRows(pass, x, embeddings.deepstack().get(blocks.size() - 1), embeddings.imageRows());
            x = wanted == null ? x : Fn.gatherRows(pass, x, wanted.index());
        }
        x = norm.forward(pass, x);
        pass.observe("hidden_states_final_normed", x);
        return x;
    }

    /** The output matrix [vocab, hidden]. */
    public Var head() {
        return head;
    }

    /** The numbers. */
    public TextConfig config() {
        return config;
    }
}
