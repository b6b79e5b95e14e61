package org.caprl.core.autograd;

import org.caprl.core.tensor.Tensor;

/**
 * Which rows a pass drops elements of: a mask is drawn from the key, the layer and the row's number, so it is the same when the rows are
 * computed in other batches, by other threads, or a second time in backward.
 *
 * @param key of the update
 * @param before rows of the same kind in earlier passes of the update: tokens, or patches of images
 * @param rows of this pass, of that kind
 * @param some int32 [R], R less than rows: the rows that a layer over R rows has, where not all are computed; null where all are
 */
public record Dropout(long key, long before, long rows, Tensor some) {
    /** The mask of {@code count} rows: all or {@link #some} of this pass's, or each for as many of them (merged patches, for instance). */
    public Fn.Mask mask(long layer, int count, float rate) {
        return some != null && some.rowCount() == count ? new Fn.Mask(some, layer, before, rate)
                : new Fn.Mask(null, layer, rows == 0 ? 0 : before * count / rows, rate);
    }
}
