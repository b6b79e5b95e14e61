package org.caprl.core.kernels.nd4j;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.MemoryUse;
import org.caprl.core.tensor.Storage;

/**
 * Blocks of device memory, each an ND4J buffer of one type, in size classes of four to an octave. A block that came back serves the next
 * request of its type that it is not twice too large for.
 */
final class Nd4jMemory implements Memory {
    private static final long SMALLEST = 64;

    private final Map<DType, TreeMap<Long, ArrayDeque<Nd4jStorage>>> free = new EnumMap<>(DType.class);
    private final MemoryUse use = new MemoryUse();
    private final AtomicLong copiesIn = new AtomicLong();
    private final AtomicLong copiesOut = new AtomicLong();
    private long held;

    private static long classSize(long bytes) {
        long atLeast = Math.max(bytes, SMALLEST);
        long quarter = Math.max(Long.highestOneBit(atLeast) >> 2, 16);
        return (atLeast + quarter - 1) / quarter * quarter;
    }

    @Override
    public Storage take(long bytes) {
        return take(DType.F32, bytes, MemoryOwner.WORKSPACE);
    }

    @Override
    public Storage take(long bytes, MemoryOwner owner) {
        return take(DType.F32, bytes, owner);
    }

    @Override
    public synchronized Storage take(DType dtype, long bytes, MemoryOwner owner) {
        long size = classSize(bytes);
        TreeMap<Long, ArrayDeque<Nd4jStorage>> sizes = free.computeIfAbsent(dtype, any -> new TreeMap<>());
        Map.Entry<Long, ArrayDeque<Nd4jStorage>> fit = sizes.ceilingEntry(size);
        Nd4jStorage block;
        if (fit != null && fit.getKey() < 2 * size) {
            block = fit.getValue().pollLast();
            if (fit.getValue().isEmpty()) {
                sizes.remove(fit.getKey());
            }
        } else {
            block = new Nd4jStorage(this, dtype, size);
            held += size;
        }
        block.owner = owner;
        use.taken(owner, block.byteSize());
        return block;
    }

    @Override
    public synchronized void give(Storage storage) {
        Nd4jStorage block = (Nd4jStorage) storage;
        if (block.owner == null) {
            throw new IllegalStateException("a block of " + block.byteSize() + " bytes was given back twice");
        }
        use.given(block.owner, block.byteSize());
        block.owner = null;
        free.get(block.dtype()).computeIfAbsent(block.byteSize(), size -> new ArrayDeque<>()).addLast(block);
    }

    @Override
    public void clear(Storage storage, long offset, long bytes) {
        Nd4jStorage block = (Nd4jStorage) storage;
        if (bytes > 0) {
            block.array(offset / block.dtype().bytes(), bytes / block.dtype().bytes()).assign(0);
        }
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
    public long copiesIn() {
        return copiesIn.get();
    }

    @Override
    public long copiesOut() {
        return copiesOut.get();
    }

    void countIn() {
        copiesIn.incrementAndGet();
    }

    void countOut() {
        copiesOut.incrementAndGet();
    }

    @Override
    public synchronized void trim() {
        for (TreeMap<Long, ArrayDeque<Nd4jStorage>> sizes : free.values()) {
            sizes.values().forEach(blocks -> blocks.forEach(block -> {
                held -= block.byteSize();
                block.free();
            }));
        }
        free.clear();
    }

    @Override
    public void close() {
        trim();
    }
}
