package org.caprl.core.model;

import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.nn.KvCache;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;

/**
 * A language model that continues token ids, with images among them where the family can see.
 *
 * <p>Five steps: <em>embed</em> ids, <em>see</em> (vision tower), <em>project</em> to the text width, <em>splice</em> image rows into
 * the embeddings, <em>decode</em>. {@link #embed} does the first four, {@link #decode} the last.
 */
public interface CausalLm extends AutoCloseable {
    /** The family's name in {@code config.json} ({@code model_type}). */
    String family();

    /** The weights by their Hugging Face names. */
    Params params();

    /** Numbers of the text decoder. */
    TextShape shape();

    /** Rows of positions: 1 for plain text, 3 for time, height and width. */
    int positionAxes();

    /**
     * Positions of a prompt.
     *
     * @param ids token ids, image places expanded
     * @param images the images in order
     * @return {@code axes × ids.length} values and where the next token stands
     */
    Positions positions(int[] ids, List<ImageInput> images);

    /**
     * Embeddings of packed prompts, images spliced in.
     *
     * @param ids int32 [T], rows of all prompts one after the other
     * @param images all images of all prompts, in the order of their places in {@code ids}
     * @param imageRows int32: the rows of {@code ids} that images fill, in order; null where there are no images
     */
    Embeddings embed(Pass pass, Tensor ids, List<ImageInput> images, Tensor imageRows);

    /**
     * Decoder layers and final norm.
     *
     * @param embeddings of T tokens
     * @param positions int32 [axes, T]
     * @param plan who attends to whom
     * @param cache null when the rows are whole sequences
     * @param rows which of the T rows are wanted, rising; the last layer computes no others but their keys and values. Null for all
     * @return normed hidden states [rows.length or T, hidden], ready for {@link #head}
     */
    Var decode(Pass pass, Embeddings embeddings, Tensor positions, AttentionPlan plan, KvCache cache, int[] rows);

    /** The same for every row: [T, hidden]. */
    default Var decode(Pass pass, Embeddings embeddings, Tensor positions, AttentionPlan plan, KvCache cache) {
        return decode(pass, embeddings, positions, plan, cache, null);
    }

    /** The output matrix [vocab, hidden]: logits = hidden · headᵀ. */
    Var head();

    /** The token that marks a place of an image in ids; -1 for text models. */
    int imageToken();

    @Override
    default void close() {
        params().close();
    }

    /**
     * What enters the decoder layers.
     *
     * @param rows [T, hidden]
     * @param deepstack image features that are added after the first layers, [n, hidden] for each of these; empty in most families
     * @param imageRows int32 [n]: the rows that images fill; null without deepstack features
     */
    record Embeddings(Var rows, List<Var> deepstack, Tensor imageRows) {
        /** Rows to which nothing is added later. */
        public static Embeddings of(Var rows) {
            return new Embeddings(rows, List.of(), null);
        }
    }

    /**
     * Numbers that caches and plans need.
     *
     * @param layers decoder layers
     * @param hidden width
     * @param kvWidth kvHeads · headDim: columns of one layer's keys
     * @param vocab rows of the head
     * @param maxPositions longest sequence that the config allows
     */
    record TextShape(int layers, int hidden, int kvWidth, int vocab, int maxPositions) {
    }

    /**
     * Positions of a prompt.
     *
     * @param values row-major [axes, length]
     * @param axes rows
     * @param next where the token after the prompt stands, on every axis
     */
    record Positions(int[] values, int axes, int next) {
        /** Tokens. */
        public int length() {
            return values.length / axes;
        }
    }

    /**
     * An image as the vision tower takes it.
     *
     * @param pixels normalised patches, row-major [gridT·gridH·gridW, patchValues]
     * @param gridT frames (1 for a still image), or tiles
     * @param gridH rows of patches
     * @param gridW columns of patches
     */
    record ImageInput(float[] pixels, int gridT, int gridH, int gridW) {
        /** What an image processor made. */
        public static ImageInput of(ImagePatches image) {
            return new ImageInput(image.pixels(), image.gridT(), image.gridH(), image.gridW());
        }

        /** Number of patches. */
        public int patches() {
            return gridT * gridH * gridW;
        }
    }
}
