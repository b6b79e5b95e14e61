package org.caprl.core.autograd;

/**
 * Which rows a pass drops elements of: a mask is drawn from the key, the layer and the row's number, so it is the same when the rows are
 * computed in other batches, by other threads, or a second time in backward.
 *
 * @param key of the update
 * @param before rows of the same kind in earlier passes of the update: tokens, or patches of images
 * @param rows of this pass, of that kind
 */
public record Dropout(long key, long before, long rows) {
    /** The number of the first of {@code count} rows that stand for this pass's rows, each for as many (merged patches, for instance). */
    public long firstRow(long count) {
        return rows == 0 ? 0 : before * count / rows;
    }
}
