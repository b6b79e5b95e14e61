package org.caprl.core.model;

import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.KvCache;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;

/** What every family has whose text side is one {@link TextDecoder}; a family adds its name, its positions and its embeddings. */
public abstract class DecoderLm implements CausalLm {
    private final String family;
    private final Params params;
    private final TextDecoder decoder;

    /** A model of this {@code model_type} over these weights. */
    protected DecoderLm(String family, TextConfig text, Params params) {
        this(family, text, params, "");
    }

    /**
     * The same with other names.
     *
     * @param prefix of the names of the text side's weights
     */
    protected DecoderLm(String family, TextConfig text, Params params, String prefix) {
        this.family = family;
        this.params = params;
        this.decoder = new TextDecoder(text, params, prefix);
    }

    /** The text side. */
    protected final TextDecoder decoder() {
        return decoder;
    }

    @Override
    public final String family() {
        return family;
    }

    @Override
    public final Params params() {
        return params;
    }

    @Override
    public final TextShape shape() {
        return decoder.config().shape();
    }

    @Override
    public final Var decode(Pass pass, Embeddings embeddings, Tensor positions, AttentionPlan plan, KvCache cache, int[] rows) {
        return decoder.decode(pass, embeddings, positions, plan, cache, rows);
    }

    @Override
    public final Var head() {
        return decoder.head();
    }
}
