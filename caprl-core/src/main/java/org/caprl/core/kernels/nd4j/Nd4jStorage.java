package org.caprl.core.kernels.nd4j;

import java.lang.foreign.MemorySegment;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Storage;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One ND4J buffer. It counts as device memory, though nd4j-native keeps it on the host: so the same code serves GPUs. */
final class Nd4jStorage implements Storage {
    /** Who has the block; null when it is free. */
    MemoryOwner owner;

    private final Nd4jMemory memory;
    private final DType dtype;
    private final long bytes;
    private final DataBuffer buffer;

    Nd4jStorage(Nd4jMemory memory, DType dtype, long bytes) {
        this.memory = memory;
        this.dtype = dtype;
        this.bytes = bytes;
        this.buffer = Nd4j.createBufferDetached(new long[] {bytes / dtype.bytes()}, typeOf(dtype));
    }

    static DataType typeOf(DType dtype) {
        return switch (dtype) {
            case F32 -> DataType.FLOAT;
            case BF16 -> DataType.BFLOAT16;
            case I32 -> DataType.INT32;
        };
    }

    DType dtype() {
        return dtype;
    }

    /** A dense row-major array over elements from {@code offset} on, sharing memory. */
    INDArray array(long offset, long... shape) {
        return strided(offset, shape, Nd4j.getStrides(shape, 'c'));
    }

    /** An array over elements from {@code offset} on, sharing memory. */
    INDArray strided(long offset, long[] shape, long[] strides) {
        return Nd4j.create(buffer, shape, strides, offset, 'c');
    }

    @Override
    public long byteSize() {
        return bytes;
    }

    @Override
    public boolean onHost() {
        return false;
    }

    /** @throws UnsupportedOperationException always: see {@link #read} and {@link #write} */
    @Override
    public MemorySegment host() {
        throw new UnsupportedOperationException("the elements of an ND4J tensor are on a device; copy them with read and write");
    }

    @Override
    public void write(long offset, MemorySegment from) {
        memory.countIn();
        if (from.byteSize() == 0) {
            return;
        }
        try (MemoryWorkspace _ = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
                INDArray staged = Nd4j.createUninitialized(typeOf(dtype), from.byteSize() / dtype.bytes())) {
            hostOf(staged, from.byteSize()).copyFrom(from);
            Nd4j.getAffinityManager().tagLocation(staged, AffinityManager.Location.HOST);
            array(offset / dtype.bytes(), staged.length()).assign(staged);
            Nd4j.getExecutioner().commit();
        }
    }

    @Override
    public void read(long offset, MemorySegment to) {
        memory.countOut();
        if (to.byteSize() == 0) {
            return;
        }
        try (MemoryWorkspace _ = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
                INDArray staged = Nd4j.createUninitialized(typeOf(dtype), to.byteSize() / dtype.bytes())) {
            staged.assign(array(offset / dtype.bytes(), staged.length()));
            Nd4j.getAffinityManager().ensureLocation(staged, AffinityManager.Location.HOST);
            to.copyFrom(hostOf(staged, to.byteSize()));
        }
    }

    private static MemorySegment hostOf(INDArray staged, long bytes) {
        return MemorySegment.ofAddress(staged.data().addressPointer().address()).reinterpret(bytes);
    }

    void free() {
        buffer.close();
    }
}
