package org.caprl.core.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Native host memory in size classes, 64-byte aligned.
 *
 * <p>Classes are four to an octave, so at most a quarter of a block is waste; a block goes back to its class and is reused by the
 * next request of that class, which keeps a training run's memory constant from step to step.
 */
public final class HostMemory implements Memory {
    private static final long ALIGNMENT = 64;

    private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
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
        ArrayDeque<Block> blocks = free.get(size);
        Block block = blocks == null ? null : blocks.pollLast();
        if (block == null) {
            block = new Block(size);
            held += size;
        }
        block.taken = true;
        inUse += size;
        peak = Math.max(peak, inUse);
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
        free.computeIfAbsent(block.byteSize(), size -> new ArrayDeque<>()).addLast(block);
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
