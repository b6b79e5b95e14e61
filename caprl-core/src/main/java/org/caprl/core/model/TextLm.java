package org.caprl.core.model;

import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.autograd.Pass;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** A language model of text alone, with one-dimensional positions ({@code Qwen2ForCausalLM}, {@code LlamaForCausalLM}). */
public final class TextLm extends DecoderLm {
    /** The model of this {@code model_type} with these numbers over these weights. */
    public TextLm(String family, TextConfig config, Params params) {
        super(family, config, params);
    }

    @Override
    public int positionAxes() {
        return 1;
    }

    @Override
    public Positions positions(int[] ids, List<ImageInput> images) {
        if (!images.isEmpty()) {
            throw new IllegalArgumentException(family() + " is a text model and takes no images");
        }
        return new Positions(IntStream.range(0, ids.length).toArray(), 1, ids.length);
    }

    @Override
    public Embeddings embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        return Embeddings.of(decoder().embed(pass, ids));
    }

    @Override
    public int imageToken() {
        return -1;
    }
}
