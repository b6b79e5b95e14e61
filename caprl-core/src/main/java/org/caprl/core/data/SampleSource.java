package org.caprl.core.data;

import java.io.Closeable;
import java.util.Iterator;
import java.util.OptionalLong;

/**
 * Samples on disk, read one at a time.
 *
 * <p>Two ways to read, independent of each other: {@link #iterator} gives every sample once in the stored order (evaluation); {@link
 * #next} never ends and gives every sample once an epoch, each epoch in another order (training). For one seed the orders are always the
 * same, and {@link #seek} to a saved {@link #cursor} continues with exactly the samples that would have come. Not for several threads at
 * once.
 */
public interface SampleSource extends Iterable<CaptionSample>, Closeable {
    /** The number of usable samples, where the source can tell without reading them all. */
    OptionalLong size();

    /** How many rows were left out because they can't be used. */
    long skipped();

    /** Why the first left-out row was left out; empty if none was. */
    String firstSkipped();

    /** Every sample once, in the stored order. */
    @Override
    Iterator<CaptionSample> iterator();

    /** The next sample of the endless shuffled pass; moves the cursor. */
    CaptionSample next();

    /** The place in the endless pass before the sample that {@link #next} would give. */
    Cursor cursor();

    /** Continues the endless pass at the cursor. @throws org.caprl.core.InputException if the source has no such position */
    void seek(Cursor cursor);

    @Override
    void close();
}
