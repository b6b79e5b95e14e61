package org.caprl.core.generate;

import java.util.BitSet;
import org.caprl.core.autograd.Pass;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.KvCache;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;

/**
 * Keys and values of many sequences in pages of one pool a layer.
 *
 * <p>A {@link KvSpan} is a piece of a sequence: a prompt, or what one branch adds to it. Branches of a prompt share its span, so its rows
 * are computed and kept once; a branch starts on a page of its own, and attention plans name the rows of both. Memory is fixed at the
 * start: whoever wants pages promises itself the most that it can need, and waits while that is not there, so no running branch ever has
 * to be put aside.
 */
final class PagedKvCache implements KvCache, AutoCloseable {
    private final TensorScope scope;
    private final Tensor[] keys;
    private final Tensor[] values;
    private final int pageRows;
    private final int pages;
    private final BitSet free;
    private int freePages;
    private int promisedPages;
    private Tensor slots;

    /** A pool of {@code rows} rows, rounded down to whole pages. */
    PagedKvCache(Memory memory, CausalLm.TextShape shape, int rows, int pageRows) {
        this.pageRows = pageRows;
        this.pages = rows / pageRows;
        this.scope = new TensorScope(memory, MemoryOwner.KV_PAGES);
        this.keys = new Tensor[shape.layers()];
        this.values = new Tensor[shape.layers()];
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = scope.zeros(DType.F32, pages * pageRows, shape.kvWidth());
            values[layer] = scope.zeros(DType.F32, pages * pageRows, shape.kvWidth());
        }
        this.free = new BitSet(pages);
        free.set(0, pages);
        this.freePages = pages;
    }

    /** Where the next pass puts its rows: int32 [T], pool rows; entries below 0 are kept nowhere. */
    void writeTo(Tensor poolRows) {
        slots = poolRows;
    }

    @Override
    public void append(Pass pass, int layer, Tensor k, Tensor v) {
        pass.ops().scatterRows(k, slots, keys[layer]);
        pass.ops().scatterRows(v, slots, values[layer]);
    }

    @Override
    public Tensor keys(int layer) {
        return keys[layer];
    }

    @Override
    public Tensor values(int layer) {
        return values[layer];
    }

    /** Rows of one page. */
    int pageRows() {
        return pageRows;
    }

    /** Rows of the pool. */
    int rows() {
        return pages * pageRows;
    }

    /** Pages that {@code rows} rows of one span take. */
    int pagesFor(int rows) {
        return (rows + pageRows - 1) / pageRows;
    }

    /** Pages neither taken nor promised. */
    int availablePages() {
        return freePages - promisedPages;
    }

    /** Room for a span of at most {@code rows} rows, promised now and taken page by page. The caller made sure that it is there. */
    KvSpan open(int rows) {
        int wanted = pagesFor(rows);
        if (wanted > availablePages()) {
            throw new IllegalStateException(wanted + " pages wanted, " + availablePages() + " available");
        }
        promisedPages += wanted;
        return new KvSpan(this, wanted);
    }

    /** Takes a promised page: {@code wanted} if it is free, so that spans stay in one piece, else the lowest. */
    int takePage(int wanted) {
        int page = wanted >= 0 && wanted < pages && free.get(wanted) ? wanted : free.nextSetBit(0);
        free.clear(page);
        freePages--;
        promisedPages--;
        return page;
    }

    /** The first page of a stretch of {@code n} free ones, or -1. */
    int stretch(int n) {
        int start = free.nextSetBit(0);
        while (start >= 0) {
            int end = free.nextClearBit(start);
            if (end - start >= n) {
                return start;
            }
            start = free.nextSetBit(end);
        }
        return -1;
    }

    void giveBack(int[] taken, int count, int promisedStill) {
        for (int i = 0; i < count; i++) {
            free.set(taken[i]);
        }
        freePages += count;
        promisedPages -= promisedStill;
    }

    @Override
    public void close() {
        scope.close();
    }
}
