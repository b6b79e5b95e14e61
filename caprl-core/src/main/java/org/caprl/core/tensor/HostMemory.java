package org.caprl.core.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Native host memory in size classes, 64-byte aligned.
 *
 * <p>Classes are four to an octave. A block that is given back serves the next request that it is not twice too large for, which keeps
 * a training run's memory constant from step to step though its batches differ in size.
 */
public final class HostMemory implements Memory {
    private static final long ALIGNMENT = 64;

    private final TreeMap<Long, ArrayDeque<Block>> free = new TreeMap<>();
    private long inUse;
    private long peak;
    private long held;

    private static final class Block implements Storage {
        private final Arena arena;
        private final MemorySegment segment;
        private boolean taken;

        private Block(long bytes) {
            this.arena = Arena.ofShared();
            this.segment = arena.allocate(bytes, ALIGNMENT);
        }

        @Override
        public long byteSize() {
            return segment.byteSize();
        }

        @Override
        public MemorySegment host() {
            return segment;
        }
    }

    /** The size of the block that serves a request of {@code bytes}: the next of 64, 80, 96, 112, 128, 160, …. */
    static long classSize(long bytes) {
        long atLeast = Math.max(bytes, ALIGNMENT);
        long quarter = Math.max(Long.highestOneBit(atLeast) >> 2, 16);
        return (atLeast + quarter - 1) / quarter * quarter;
    }

    @Override
    public synchronized Storage take(long bytes) {
        long size = classSize(bytes);
        Block block = reusable(size);
        if (block == null) {
            block = new Block(size);
            held += size;
        }
        block.taken = true;
        inUse += block.byteSize();
        peak = Math.max(peak, inUse);
        return block;
    }

    /** The smallest kept block that serves the request without being twice as large; batches of many sizes then share blocks. */
    private Block reusable(long size) {
        Map.Entry<Long, ArrayDeque<Block>> fit = free.ceilingEntry(size);
        if (fit == null || fit.getKey() >= 2 * size) {
            return null;
        }
        Block block = fit.getValue().pollLast();
        if (fit.getValue().isEmpty()) {
            free.remove(fit.getKey());
        }
        return block;
    }

    @Override
    public synchronized void give(Storage storage) {
        Block block = (Block) storage;
        if (!block.taken) {
            throw new IllegalStateException("a block of " + block.byteSize() + " bytes was given back twice");
        }
        block.taken = false;
        inUse -= block.byteSize();
        free.computeIfAbsent(block.byteSize(), bytes -> new ArrayDeque<>()).addLast(block);
    }

    @Override
    public void clear(Storage storage, long offset, long bytes) {
        storage.host().asSlice(offset, bytes).fill((byte) 0);
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
    public synchronized void trim() {
        for (ArrayDeque<Block> blocks : free.values()) {
            for (Block block : blocks) {
                held -= block.byteSize();
                block.arena.close();
            }
        }
        free.clear();
    }

    @Override
    public void close() {
        trim();
    }
}
