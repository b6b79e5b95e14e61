package org.caprl.core.model.qwenvl;

import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.image.QwenImageProcessor;
import org.caprl.core.image.QwenImageSettings;
import org.caprl.core.model.DecoderLm;
import org.caprl.core.model.ImagePlaces;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.text.BpeTokenizer;

/** A Qwen model that sees; a family adds its vision tower. */
public abstract class QwenVl extends DecoderLm {
    /** {@code Qwen2_5_VLConfig}, {@code Qwen3VLConfig}. */
    private static final String DEFAULTS = """
            {"image_token_id": 151655}
            """;

    private final int merge;
    private final int imageToken;

    /**
     * A model of this {@code model_type} over these weights.
     *
     * @param vision of the tower, whose rows are as wide as the text decoder
     */
    protected QwenVl(String family, TextConfig text, VisionShape vision, int imageToken, Params params) {
        super(family, text, params);
        if (vision.out() != text.hidden()) {
            throw new InputException("config.json: the vision tower's out_hidden_size is " + vision.out() + ", but the text decoder's "
                    + "hidden_size is " + text.hidden() + "; they must be equal");
        }
        this.merge = vision.merge();
        this.imageToken = imageToken;
    }

    /** Runs the vision tower over images. */
    protected abstract Seen see(Pass pass, List<ImageInput> images);

    /**
     * What the tower makes of images, a row for each square of patches.
     *
     * @param rows [n, hidden], which take the places of image tokens
     * @param deepstack [n, hidden] for each of the first decoder layers, added to its result; empty for none
     */
    public record Seen(Var rows, List<Var> deepstack) {
    }

    /** Images stand for themselves in the rendered prompt, between marks that the template has. */
    public static ImagePlaces imagePlaces(ConfigNode config, HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        return new ImagePlaces(QwenImageProcessor.load(checkpoint.folder()), config.withDefaults(DEFAULTS).integer("image_token_id"));
    }

    /** The image processor of a folder, with the defaults of its class where there is no file of it, for a tower of this shape. */
    protected static ImageProcessor images(VisionShape vision, Path folder) {
        return new QwenImageProcessor(QwenImageSettings.loadOrDefault(folder, vision.patch(), vision.temporalPatch(), vision.merge()));
    }

    @Override
    public final int positionAxes() {
        return 3;
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code get_rope_index}: text advances all three axes by one; an image stands still in time and counts rows and columns from
     * where it begins; what follows continues after its longer side.
     */
    @Override
    public final Positions positions(int[] ids, List<ImageInput> images) {
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
            int height = grid.gridH() / merge;
            int width = grid.gridW() / merge;
            int count = grid.gridT() * height * width;
            for (int j = 0; j < count; j++, i++) {
                if (i >= n || ids[i] != imageToken) {
                    throw new IllegalArgumentException("image " + image + " needs " + count + " image tokens, the ids have " + j);
                }
                values[i] = next + j / (height * width);
                values[n + i] = next + j / width % height;
                values[2 * n + i] = next + j % width;
            }
            next += Math.max(height, width);
        }
        if (image != images.size()) {
            throw new IllegalArgumentException(images.size() + " images, but only " + image + " places for them in the ids");
        }
        return new Positions(values, 3, next);
    }

    @Override
    public final Embeddings embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows) {
        Var embeddings = decoder().embed(pass, ids); // [T, hidden]
        if (images.isEmpty()) {
            return Embeddings.of(embeddings);
        }
        Seen seen = see(pass, images);
        Var spliced = Fn.splice(pass, embeddings, seen.rows(), imageRows);
        return new Embeddings(spliced, seen.deepstack(), imageRows);
    }

    @Override
    public final int imageToken() {
        return imageToken;
    }
}
