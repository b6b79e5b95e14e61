package org.caprl.core.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Native host memory, 64-byte aligned, cut from regions.
 *
 * <p>A request takes the smallest free stretch that it fits into, and what is given back joins the free stretches beside it. So memory is
 * not bound to the sizes that were asked for first, and a training run whose batches differ from step to step needs what its largest batch
 * needs. When nothing fits, regions that nobody uses go back to the system before a new one is taken.
 */
public final class HostMemory implements Memory {
    private static final long ALIGNMENT = 64;
    private static final long SMALLEST_REGION = 1L << 20;
    /** Requests above this have a region of their own. Well above the size from which {@code malloc} returns memory to the system. */
    private static final long LARGEST_REGION = 64L << 20;
    private static final Comparator<Stretch> BY_SIZE = Comparator.<Stretch>comparingLong(s -> s.size)
            .thenComparingInt(s -> s.region.number).thenComparingLong(s -> s.offset);

    private final TreeSet<Stretch> free = new TreeSet<>(BY_SIZE);
    private final MemoryUse use = new MemoryUse();
    private long held;
    private int regions;

    private record Region(int number, Arena arena, MemorySegment segment) {
    }

    /** A part of a region, free or taken; neighbours know each other, and two free ones are never neighbours. */
    private static final class Stretch implements Storage {
        private final Region region;
        private long offset;
        private long size;
        private Stretch before;
        private Stretch after;
        private MemoryOwner owner;
        private MemorySegment segment;

        private Stretch(Region region, long offset, long size) {
            this.region = region;
            this.offset = offset;
            this.size = size;
        }

        private boolean taken() {
            return owner != null;
        }

        private boolean wholeRegion() {
            return before == null && after == null;
        }

        @Override
        public long byteSize() {
            return size;
        }

        @Override
        public MemorySegment host() {
            return segment;
        }
    }

    @Override
    public Storage take(long bytes) {
        return take(bytes, MemoryOwner.WORKSPACE);
    }

    @Override
    public synchronized Storage take(long bytes, MemoryOwner owner) {
        long size = Math.max(bytes + ALIGNMENT - 1, ALIGNMENT) / ALIGNMENT * ALIGNMENT;
        Stretch room = free.ceiling(new Stretch(new Region(-1, null, null), 0, size));
        if (room == null) {
            room = newRegion(size);
        } else {
            free.remove(room);
        }
        Stretch block = front(room, size);
        block.owner = owner;
        block.segment = room.region.segment.asSlice(block.offset, size);
        use.taken(owner, size);
        return block;
    }

    /** The first {@code size} bytes of a free stretch; the rest stays free. */
    private Stretch front(Stretch room, long size) {
        Stretch block = new Stretch(room.region, room.offset, size);
        block.before = room.before;
        if (block.before != null) {
            block.before.after = block;
        }
        if (room.size == size) {
            block.after = room.after;
        } else {
            room.offset += size;
            room.size -= size;
            block.after = room;
            free.add(room);
        }
        if (block.after != null) {
            block.after.before = block;
        }
        return block;
    }

    /** A region for a request that fits nowhere; the pool is doubled, as far as regions go. */
    private Stretch newRegion(long request) {
        release(request);
        long size = Math.max(request, Math.clamp(held, SMALLEST_REGION, LARGEST_REGION));
        Arena arena = Arena.ofShared();
        MemorySegment segment = arena.allocate(size, ALIGNMENT);
        held += size;
        return new Stretch(new Region(regions++, arena, segment), 0, size);
    }

    /** Returns unused regions to the system, the largest first, until they were {@code bytes} together. */
    private void release(long bytes) {
        long released = 0;
        for (Stretch unused : List.copyOf(free.descendingSet())) {
            if (released >= bytes) {
                return;
            }
            if (unused.wholeRegion()) {
                free.remove(unused);
                unused.region.arena.close();
                released += unused.size;
                held -= unused.size;
            }
        }
    }

    @Override
    public synchronized void give(Storage storage) {
        Stretch block = (Stretch) storage;
        if (!block.taken()) {
            throw new IllegalStateException("a block of " + block.size + " bytes was given back twice");
        }
        use.given(block.owner, block.size);
        // The block itself never serves again, so that whoever still has it is noticed.
        Stretch room = new Stretch(block.region, block.offset, block.size);
        room.before = block.before;
        room.after = block.after;
        block.owner = null;
        block.segment = null;
        if (room.before != null && !room.before.taken()) {
            Stretch joined = room.before;
            free.remove(joined);
            room.offset = joined.offset;
            room.size += joined.size;
            room.before = joined.before;
        }
        if (room.after != null && !room.after.taken()) {
            Stretch joined = room.after;
            free.remove(joined);
            room.size += joined.size;
            room.after = joined.after;
        }
        if (room.before != null) {
            room.before.after = room;
        }
        if (room.after != null) {
            room.after.before = room;
        }
        free.add(room);
    }

    @Override
    public void clear(Storage storage, long offset, long bytes) {
        storage.host().asSlice(offset, bytes).fill((byte) 0);
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
        return held;
    }

    @Override
    public synchronized void trim() {
        release(Long.MAX_VALUE);
    }

    @Override
    public void close() {
        trim();
    }
}
