package org.caprl.core.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** Passes over many new tokens at once: prompts, or suffixes of branches, packed one after the other. */
final class Prefill {
    private final CausalLm model;
    private final TensorOps ops;
    private final PagedKvCache cache;
    private final Work work;

    Prefill(CausalLm model, TensorOps ops, PagedKvCache cache, Work work) {
        this.work = work;
        this.model = model;
        this.ops = ops;
        this.cache = cache;
    }

    /**
     * Fills the cache with these prompts and with the suffixes of these branches, whose prompts are among them or in the cache already.
     *
     * @return the last hidden row of each prompt, then of each branch, [prompts + branches, hidden], in {@code out}
     */
    Tensor run(TensorScope out, List<SharedPrompt> prompts, List<Branch> branches) {
        int promptTokens = promptTokens(prompts);
        int suffixTokens = suffixTokens(branches);
        Packing packing = new Packing(promptTokens + suffixTokens, prompts.size() + branches.size());
        List<CausalLm.ImageInput> images = new ArrayList<>();
        for (SharedPrompt p : prompts) {
            packing.add(p.request.prompt().ids(), p.positions, p.span, null);
            images.addAll(p.request.prompt().images());
        }
        for (Branch b : branches) {
            packing.add(b.suffix, following(b.position, b.suffix.length), b.own, b.prompt.span);
            b.position += b.suffix.length;
        }
        work.prefilledTokens += promptTokens;
        work.suffixTokens += suffixTokens;
        work.imageEncodes += images.size();
        return packing.run(out, images);
    }

    static int promptTokens(List<SharedPrompt> prompts) {
        return prompts.stream().mapToInt(SharedPrompt::length).sum();
    }

    static int suffixTokens(List<Branch> branches) {
        return branches.stream().mapToInt(b -> b.suffix.length).sum();
    }

    /** Splits into passes of at most {@code budget} tokens, or of one piece that is longer. */
    static <T> List<List<T>> underBudget(List<T> pieces, ToIntFunction<T> length, int budget) {
        List<List<T>> passes = new ArrayList<>();
        int used = 0;
        for (T piece : pieces) {
            int n = length.applyAsInt(piece);
            if (passes.isEmpty() || used + n > budget) {
                passes.add(new ArrayList<>());
                used = 0;
            }
            passes.getLast().add(piece);
            used += n;
        }
        return passes;
    }

    /** Positions of text from {@code start} on, the same on every axis. */
    private CausalLm.Positions following(int start, int length) {
        int axes = model.positionAxes();
        int[] values = new int[axes * length];
        for (int i = 0; i < values.length; i++) {
            values[i] = start + i % length;
        }
        return new CausalLm.Positions(values, axes, start + length);
    }

    private final class Packing {
        private final int axes = model.positionAxes();
        private final int total;
        private final int[] ids;
        private final int[] positions;
        private final int[] slots;
        private final int[] last;
        private final AttentionPlan plan = new AttentionPlan();
        private int at;
        private int pieces;

        Packing(int total, int pieces) {
            this.total = total;
            this.ids = new int[total];
            this.positions = new int[axes * total];
            this.slots = new int[total];
            this.last = new int[pieces];
        }

        void add(int[] tokens, CausalLm.Positions where, KvSpan span, KvSpan before) {
            int n = tokens.length;
            System.arraycopy(tokens, 0, ids, at, n);
            for (int axis = 0; axis < axes; axis++) {
                System.arraycopy(where.values(), axis * n, positions, axis * total + at, n);
            }
            span.append(n, slots, at);
            span.causalSegments(plan, at, before);
            at += n;
            last[pieces++] = at - 1;
        }

        Tensor run(TensorScope out, List<CausalLm.ImageInput> images) {
            try (TensorScope scope = new TensorScope(ops.memory())) {
                Pass pass = Pass.inference(ops, scope);
                cache.writeTo(scope.ints(slots));
                Tensor imageRows = images.isEmpty() ? null : scope.ints(imageRows());
                CausalLm.Embeddings x = model.embed(pass, scope.ints(ids), images, imageRows);
                Tensor lastHidden = model.decode(pass, x, scope.ints(positions).reshape(axes, total), plan, cache, last).value();
                scope.transfer(lastHidden, out);
                return lastHidden;
            }
        }

        private int[] imageRows() {
            int[] rows = new int[total];
            int count = 0;
            for (int i = 0; i < total; i++) {
                if (ids[i] == model.imageToken()) {
                    rows[count++] = i;
                }
            }
            return Arrays.copyOf(rows, count);
        }
    }
}
