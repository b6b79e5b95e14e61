package org.caprl.core.model.internvl;

import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.DecoderLm;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** {@code InternVLForConditionalGeneration}. */
public final class InternVl extends DecoderLm {
    /** {@code model_type} of transformers. */
    public static final String FAMILY = "internvl";
    /** {@code model_type} of the original repositories. */
    public static final String CHAT = "internvl_chat";

    private static final String TEXT = "language_model.";

    private final VisionTower tower;
    private final int imageToken;
    private final int unit;

    /** The model of this {@code model_type} with these numbers over these weights. */
    public InternVl(String family, InternVlConfig config, Params params) {
        super(family, config.text(), params, TEXT);
        this.tower = new VisionTower(config, params);
        this.imageToken = config.imageToken();
        this.unit = config.merge() * config.merge();
    }

    @Override
    public int positionAxes() {
        return 1;
    }

    @Override
    public Positions positions(int[] ids, List<ImageInput> images) {
        long places = IntStream.of(ids).filter(id -> id == imageToken).count();
        int rows = images.stream().mapToInt(ImageInput::patches).sum() / unit;
        if (places != rows) {
            throw new IllegalArgumentException(images.size() + " images need " + rows + " image tokens, the ids have " + places);
        }
        return new Positions(IntStream.range(0, ids.length).toArray(), 1, ids.length);
    }

    @Override
    public Embeddings embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        Var embeddings = decoder().embed(pass, ids); // [T, hidden]
        return Embeddings.of(images.isEmpty() ? embeddings : Fn.splice(pass, embeddings, tower.forward(pass, images), imageRows));
    }

    @Override
    public int imageToken() {
        return imageToken;
    }
}
