package org.caprl.core.generate;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.RunStoppedException;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.OpProgram;
import org.caprl.core.tensor.RecordedOps;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.ScratchMemory;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * One more token for each of up to {@code capacity} branches.
 *
 * <p>The pass for a number of rows is recorded at its first step and replayed from then on: a step writes ids, positions, cache rows, the
 * plan and the sampling rows in place, and allocates nothing. Numbers of rows are rounded up to a few sizes (1, 2, 3, 4, 6, 8, 12, …);
 * rows beyond the last branch look at the pool's first row and are kept nowhere. Weights are read where they lie, so programs stay valid
 * when an optimizer changes them.
 */
final class DecodeBatch implements AutoCloseable {
    private final CausalLm model;
    private final TensorOps ops;
    private final PagedKvCache cache;
    private final Work work;
    private final int axes;
    private final TensorScope scope;
    private final ScratchMemory scratch;
    private final Tensor ids;
    private final Tensor positions;
    private final Tensor slots;
    private final Tensor logits;
    private final Tensor sampledIds;
    private final Tensor sampledLogProbs;
    private final AttentionPlan plan = new AttentionPlan();
    private final SamplingRows sampling;
    private final OpProgram[] programs;
    private final int[] hostIds;
    private final int[] hostPositions;
    private final int[] hostSlots;
    private final float[] hostLogProbs;

    DecodeBatch(CausalLm model, TensorOps ops, PagedKvCache cache, int capacity, Work work) {
        this.model = model;
        this.ops = ops;
        this.cache = cache;
        this.work = work;
        this.axes = model.positionAxes();
        this.scope = new TensorScope(ops.memory());
        this.scratch = new ScratchMemory(ops.memory());
        int rows = rounded(capacity);
        this.ids = scope.allocate(DType.I32, rows);
        this.positions = scope.allocate(DType.I32, axes * rows);
        this.slots = scope.allocate(DType.I32, rows);
        this.logits = scope.floats(rows, model.shape().vocab());
        this.sampledIds = scope.allocate(DType.I32, rows);
        this.sampledLogProbs = scope.floats(rows, 3);
        this.sampling = new SamplingRows(rows);
        this.programs = new OpProgram[rows + 1];
        this.hostIds = new int[rows];
        this.hostPositions = new int[axes * rows];
        this.hostSlots = new int[rows];
        this.hostLogProbs = new float[3 * rows];
    }

    /** The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, …: few programs, at most a third of the rows idle. */
    static int rounded(int rows) {
        int power = Integer.highestOneBit(rows);
        if (power == rows) {
            return rows;
        }
        int middle = power + power / 2;
        return rows <= middle ? middle : 2 * power;
    }

    /** Feeds each branch its last token and draws the next one; read with {@link #id} and {@link #logProb}. */
    void step(Branch[] branches, int count) {
        int rows = rounded(count);
        plan.clear();
        for (int i = 0; i < rows; i++) {
            plan.queries(i, i + 1);
            int position = 0;
            if (i < count) {
                Branch branch = branches[i];
                hostIds[i] = branch.lastToken();
                hostSlots[i] = branch.own.append();
                position = branch.position++;
                branch.keys(plan);
                branch.fill(sampling, i);
            } else {
                hostIds[i] = 0;
                hostSlots[i] = -1;
                plan.keys(0, 1);
                greedy(i);
            }
            for (int axis = 0; axis < axes; axis++) {
                hostPositions[axis * rows + i] = position;
            }
        }
        ids.write(hostIds, rows);
        positions.write(hostPositions, axes * rows);
        slots.write(hostSlots, rows);
        OpProgram program = programs[rows];
        if (program == null) {
            programs[rows] = record(rows);
        } else {
            program.replay();
        }
        work.decodeSteps++;
        read(count);
    }

    /** Draws the first token of branches from rows of logits. */
    void sampleFirst(Branch[] branches, int count, Tensor firstLogits, Tensor rowOfBranch) {
        for (int i = 0; i < count; i++) {
            branches[i].fill(sampling, i);
        }
        ops.gatherRows(firstLogits, rowOfBranch, logits.rows(0, count));
        ops.sample(logits.rows(0, count), sampling, sampledIds.rows(0, count), sampledLogProbs.rows(0, count));
        read(count);
    }

    /**
     * Gives branch {@code row} of the last call its token; true when its caption is complete.
     *
     * @throws RunStoppedException if its logits were not finite
     */
    boolean deliver(int row, Branch branch) {
        if (!Float.isFinite(hostLogProbs[3 * row])) {
            throw new RunStoppedException("the " + model.family() + " model's logits are not finite: its weights hold NaN or have grown "
                    + "without bound. Look for NaN in the checkpoint, or lower trainer.lr; nothing of this step was kept.");
        }
        return branch.accept(hostIds[row], hostLogProbs[3 * row], hostLogProbs[3 * row + 1], hostLogProbs[3 * row + 2]);
    }

    private OpProgram record(int rows) {
        OpProgram program = new OpProgram();
        RecordedOps recorded = new RecordedOps(ops, scratch, program);
        try (TensorScope steps = new TensorScope(scratch)) {
            Pass pass = Pass.inference(recorded, steps);
            cache.writeTo(slots.rows(0, rows));
            CausalLm.Embeddings x = model.embed(pass, ids.rows(0, rows), List.of(), null);
            Var hidden = model.decode(pass, x, positions.rows(0, axes * rows).reshape(axes, rows), plan, cache);
            recorded.linear(hidden.value(), model.head().value(), null, logits.rows(0, rows));
            recorded.sample(logits.rows(0, rows), sampling, sampledIds.rows(0, rows), sampledLogProbs.rows(0, rows));
        }
        return program;
    }

    private void greedy(int row) {
        sampling.temperature[row] = 0;
        sampling.repetitionPenalty[row] = 1;
        sampling.seen[row] = null;
    }

    private void read(int count) {
        work.sampledTokens += count;
        sampledIds.read(hostIds, count);
        sampledLogProbs.read(hostLogProbs, 3 * count);
    }

    /** Forgets the branches' bit sets, so that a finished generation is not kept alive. */
    void clear() {
        Arrays.fill(sampling.seen, null);
    }

    @Override
    public void close() {
        scratch.close();
        scope.close();
    }
}
