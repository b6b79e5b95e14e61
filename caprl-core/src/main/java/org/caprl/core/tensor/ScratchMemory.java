package org.caprl.core.tensor;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Memory whose blocks nobody else gets: what is given back is kept for the next request here, until {@link #close()}.
 *
 * <p>Recorded programs need it. While a step is recorded, a block may serve one intermediate result after another; a replay repeats the
 * same order of writes and reads, so that is sound as long as no other code writes the block in between. Several programs may share one
 * scratch memory when they don't run at once and keep nothing in it from one replay to the next.
 */
public final class ScratchMemory implements Memory {
    private final Memory source;
    private final Map<Request, ArrayDeque<Storage>> free = new HashMap<>();
    private final Map<Storage, Request> requested = new IdentityHashMap<>();
    private long inUse;
    private long peak;
    private long held;

    private record Request(DType dtype, long bytes) {
    }

    /** Takes its blocks from {@code source}. */
    public ScratchMemory(Memory source) {
        this.source = source;
    }

    @Override
    public Storage take(long bytes) {
        return take(DType.F32, bytes, MemoryOwner.WORKSPACE);
    }

    @Override
    public synchronized Storage take(DType dtype, long bytes, MemoryOwner owner) {
        Request request = new Request(dtype, bytes);
        ArrayDeque<Storage> blocks = free.get(request);
        Storage block = blocks == null ? null : blocks.pollLast();
        if (block == null) {
            block = source.take(dtype, bytes, MemoryOwner.WORKSPACE);
            requested.put(block, request);
            held += bytes;
        }
        inUse += bytes;
        peak = Math.max(peak, inUse);
        return block;
    }

    @Override
    public synchronized void give(Storage storage) {
        Request request = requested.get(storage);
        inUse -= request.bytes();
        free.computeIfAbsent(request, size -> new ArrayDeque<>()).addLast(storage);
    }

    @Override
    public void clear(Storage storage, long offset, long bytes) {
        source.clear(storage, offset, bytes);
    }

    @Override
    public synchronized long bytesInUse() {
        return inUse;
    }

    @Override
    public synchronized long peakBytes() {
        return peak;
    }

    @Override
    public synchronized void resetPeak() {
        peak = inUse;
    }

    @Override
    public synchronized long bytesHeld() {
        return held;
    }

    @Override
    public long copiesIn() {
        return source.copiesIn();
    }

    @Override
    public long copiesOut() {
        return source.copiesOut();
    }

    /** Keeps everything: recorded programs may still name blocks that are free here. */
    @Override
    public void trim() {
    }

    /** Gives every block back to where it came from; programs that name them must not run any more. */
    @Override
    public synchronized void close() {
        requested.keySet().forEach(source::give);
        requested.clear();
        free.clear();
        held = 0;
        inUse = 0;
    }
}
