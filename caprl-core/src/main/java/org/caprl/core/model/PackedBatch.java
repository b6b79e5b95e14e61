package org.caprl.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.autograd.Dropout;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;

/**
 * Groups packed into one sequence of rows: prompt, completion 1 … completion G, next prompt, …. Every completion attends to its prompt
 * and to itself, at the positions that it would have alone, so log-probs and gradients equal those of separate sequences while the
 * prompt is computed once.
 *
 * <p>Worked example: a prompt of 3 ids with completions (a b) and (c) takes 4 rows, p p p a; the scored ids a, b, c are predicted by
 * rows 2, 3 and 2.
 */
public final class PackedBatch {
    private static final long DROPOUT = CounterRandom.hash("dropout");

    private final CausalLm model;
    private final List<PackedGroup> groups;
    private final int rows;
    private final int[] ids;
    private final int[] positions;
    private final int[] predictingRows;
    private final int[] targets;
    private final int[] imageRows;
    private final List<CausalLm.ImageInput> images = new ArrayList<>();
    private final AttentionPlan plan = new AttentionPlan();
    private final Masks masks;

    /**
     * Keys of the dropout of a batch: an element's mask depends on the update and on its place among all groups of the update, however
     * these are cut into batches.
     *
     * @param key of the update
     * @param rowsBefore rows of the batches before this one
     * @param patchesBefore patches of their images
     */
    public record Masks(long key, long rowsBefore, long patchesBefore) {
        /** Of the first batch of an update. @param update its number in the run */
        public static Masks of(long seed, int update) {
            return new Masks(CounterRandom.key(seed, DROPOUT, update), 0, 0);
        }

        /** Of the batch after {@code batch}, which has these. */
        public Masks after(PackedBatch batch) {
            return new Masks(key, rowsBefore + batch.rows(), patchesBefore + batch.patches());
        }
    }

    /** Packs groups for a model, without dropout. */
    public PackedBatch(CausalLm model, List<PackedGroup> groups) {
        this(model, groups, null);
    }

    /** Packs groups for a model. @param masks of adapters' dropout in training passes, or null for none */
    public PackedBatch(CausalLm model, List<PackedGroup> groups, Masks masks) {
        this.masks = masks;
        this.model = model;
        this.groups = List.copyOf(groups);
        this.rows = groups.stream().mapToInt(PackedGroup::rows).sum();
        int axes = model.positionAxes();
        int scored = groups.stream().mapToInt(PackedGroup::scored).sum();
        this.ids = new int[rows];
        this.positions = new int[axes * rows];
        this.predictingRows = new int[scored];
        this.targets = new int[scored];
        int[] places = new int[rows];
        int placed = 0;
        int row = 0;
        int target = 0;
        for (PackedGroup group : groups) {
            int[] prompt = group.prompt().ids();
            if (prompt.length == 0) {
                throw new IllegalArgumentException("the prompt of '" + group.prompt().id() + "' has no tokens");
            }
            CausalLm.Positions at = model.positions(prompt, group.prompt().images());
            images.addAll(group.prompt().images());
            int start = row;
            int end = start + prompt.length;
            System.arraycopy(prompt, 0, ids, start, prompt.length);
            for (int a = 0; a < axes; a++) {
                System.arraycopy(at.values(), a * prompt.length, positions, a * rows + start, prompt.length);
            }
            for (int i = 0; i < prompt.length; i++) {
                if (prompt[i] == model.imageToken()) {
                    places[placed++] = start + i;
                }
            }
            plan.queries(start, end).keys(start, end).causal();
            row = end;
            for (PackedGroup.Completion completion : group.completions()) {
                int[] c = completion.ids();
                for (int i = completion.scoredFrom(); i < c.length; i++) {
                    predictingRows[target] = i == 0 ? end - 1 : row + i - 1;
                    targets[target++] = c[i];
                }
                int n = Math.max(0, c.length - 1);
                if (n > 0) {
                    System.arraycopy(c, 0, ids, row, n);
                    for (int i = 0; i < n; i++) {
                        for (int a = 0; a < axes; a++) {
                            positions[a * rows + row + i] = at.next() + i;
                        }
                    }
                    plan.queries(row, row + n).keys(start, end).keys(row, row + n).causal();
                    row += n;
                }
            }
        }
        this.imageRows = Arrays.copyOf(places, placed);
    }

    /** Rows of the forward pass. */
    public int rows() {
        return rows;
    }

    /** Scored ids, over all groups in order. */
    public int scored() {
        return targets.length;
    }

    /** Images to encode: each once. */
    public int imageCount() {
        return images.size();
    }

    private long patches() {
        return images.stream().mapToLong(CausalLm.ImageInput::patches).sum();
    }

    /** The packed groups. */
    public List<PackedGroup> groups() {
        return groups;
    }

    /** Hidden states after the final norm, one row for each packed id, [rows, hidden]. */
    public Var hidden(Pass pass) {
        return hidden(pass, null);
    }

    /** Hidden states after the final norm of these rows, rising: [wanted, hidden]; of all where it is null. */
    private Var hidden(Pass pass, int[] wanted) {
        Tensor idTensor = pass.scope().ints(ids);
        Tensor places = images.isEmpty() ? null : pass.scope().ints(imageRows);
        CausalLm.Embeddings embeddings = model.embed(dropping(pass, masks == null ? 0 : masks.patchesBefore(), patches()), idTensor,
                images, places);
        Tensor at = pass.scope().ints(positions).reshape(model.positionAxes(), rows);
        Pass over = dropping(pass, masks == null ? 0 : masks.rowsBefore(), rows);
        return model.decode(over, embeddings, at, plan, null, wanted);
    }

    private Pass dropping(Pass pass, long before, long count) {
        return masks == null || !pass.training() ? pass : pass.droppingOut(new Dropout(masks.key(), before, count, null));
    }

    /** Log-probs and entropies of the scored ids, [scored] each, in order of groups, completions, ids. */
    public Fn.LogProbs logProbs(Pass pass, float temperature) {
        int[] wanted = Arrays.stream(predictingRows).sorted().distinct().toArray();
        Var hidden = hidden(pass, wanted); // [distinct, hidden]
        int[] places = Arrays.stream(predictingRows).map(row -> Arrays.binarySearch(wanted, row)).toArray();
        Var predicting = Arrays.equals(wanted, predictingRows) ? hidden
                : Fn.gatherRows(pass, hidden, pass.scope().ints(places)); // [scored, hidden]
        return Fn.selectedLogProbs(pass, predicting, model.head(), pass.scope().ints(targets), temperature);
    }
}
