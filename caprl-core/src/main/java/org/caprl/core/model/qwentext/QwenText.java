package org.caprl.core.model.qwentext;

import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.DecoderLm;
import org.caprl.core.model.TextConfig;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** {@code Qwen2ForCausalLM}. */
public final class QwenText extends DecoderLm {
    /** {@code model_type}. */
    public static final String FAMILY = "qwen2";

    /** The model with these numbers over these weights. */
    public QwenText(TextConfig config, Params params) {
        super(FAMILY, config, params);
    }

    @Override
    public int positionAxes() {
        return 1;
    }

    @Override
    public Positions positions(int[] ids, List<ImageInput> images) {
        if (!images.isEmpty()) {
            throw new IllegalArgumentException(FAMILY + " is a text model and takes no images");
        }
        int[] values = new int[ids.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return new Positions(values, 1, ids.length);
    }

    @Override
    public Var embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        return decoder().embed(pass, ids);
    }

    @Override
    public int imageToken() {
        return -1;
    }
}
