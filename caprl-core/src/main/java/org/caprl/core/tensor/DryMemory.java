package org.caprl.core.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Blocks that are counted and not there: one gets memory, of zeros, only when somebody looks into it. */
public final class DryMemory implements Memory {
    private static final long ALIGNMENT = 64;

    private final MemoryUse use = new MemoryUse();

    private static final class Block implements Storage {
        private final long bytes;
        private final MemoryOwner owner;
        private MemorySegment segment;

        private Block(long bytes, MemoryOwner owner) {
            this.bytes = bytes;
            this.owner = owner;
        }

        @Override
        public long byteSize() {
            return bytes;
        }

        @Override
        public MemorySegment host() {
            if (segment == null) {
                segment = Arena.ofAuto().allocate(bytes, ALIGNMENT);
            }
            return segment;
        }
    }

    @Override
    public Storage take(long bytes) {
        return take(bytes, MemoryOwner.WORKSPACE);
    }

    @Override
    public synchronized Storage take(long bytes, MemoryOwner owner) {
        Block block = new Block(Math.max(bytes + ALIGNMENT - 1, ALIGNMENT) / ALIGNMENT * ALIGNMENT, owner);
        use.taken(owner, block.bytes);
        return block;
    }

    @Override
    public synchronized void give(Storage storage) {
        use.given(((Block) storage).owner, storage.byteSize());
    }

    /** Nothing: blocks hold zeros. */
    @Override
    public void clear(Storage storage, long offset, long bytes) {
    }

    @Override
    public synchronized long bytesInUse() {
        return use.bytes();
    }

    @Override
    public synchronized long peakBytes() {
        return use.peak();
    }

    @Override
    public synchronized long peakBytes(MemoryOwner owner) {
        return use.peak(owner);
    }

    @Override
    public synchronized void resetPeak() {
        use.resetPeaks();
    }

    @Override
    public synchronized long bytesHeld() {
        return use.bytes();
    }

    @Override
    public void trim() {
    }

    @Override
    public void close() {
    }
}
