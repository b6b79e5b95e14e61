package org.caprl.core.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Owner of native memory for a stretch of work: a run, a step, a micro-batch, a decoder block.
 *
 * <p>Closing a scope returns its blocks to the {@link Memory} they came from; nothing waits for the garbage collector. Scopes are not
 * thread-safe: one thread works in one scope.
 */
public final class TensorScope implements AutoCloseable {
    private final Memory memory;
    private final MemoryOwner owner;
    private final Map<Storage, Boolean> owned = new IdentityHashMap<>();
    private final List<TensorScope> within = new ArrayList<>();
    private boolean closed;

    /** A scope that takes blocks from {@code memory} for {@link MemoryOwner#WORKSPACE}. */
    public TensorScope(Memory memory) {
        this(memory, MemoryOwner.WORKSPACE);
    }

    /** A scope that takes blocks from {@code memory} for {@code owner}. */
    public TensorScope(Memory memory, MemoryOwner owner) {
        this.memory = memory;
        this.owner = owner;
    }

    /** Where blocks come from. */
    public Memory memory() {
        return memory;
    }

    /** A scope over the same memory for the same owner; the caller closes it. */
    public TensorScope child() {
        return child(owner);
    }

    /** A scope over the same memory for another owner; the caller closes it. */
    public TensorScope child(MemoryOwner other) {
        return new TensorScope(memory, other);
    }

    /** A scope over the same memory for the same owner, which is closed with this one if not before. */
    public TensorScope childWithin() {
        TensorScope child = child();
        within.add(child);
        return child;
    }

    /** A tensor with undefined contents. */
    public Tensor allocate(DType dtype, int... shape) {
        if (closed) {
            throw new IllegalStateException("this scope is closed");
        }
        long n = dtype.bytes();
        for (int s : shape) {
            n *= s;
        }
        Storage storage = memory.take(dtype, n, owner);
        owned.put(storage, Boolean.TRUE);
        return new Tensor(dtype, storage, shape);
    }

    /** A float32 tensor with undefined contents. */
    public Tensor floats(int... shape) {
        return allocate(DType.F32, shape);
    }

    /** A tensor of zeros. */
    public Tensor zeros(DType dtype, int... shape) {
        Tensor t = allocate(dtype, shape);
        memory.clear(t.storage(), 0, t.byteSize());
        return t;
    }

    /** An int32 vector with these values, shape [n]. */
    public Tensor ints(int... values) {
        Tensor t = allocate(DType.I32, values.length);
        t.write(values, values.length);
        return t;
    }

    /** A float32 tensor with these values in row-major order. */
    public Tensor floatsOf(float[] values, int... shape) {
        Tensor t = floats(shape);
        if (t.size() != values.length) {
            throw new IllegalArgumentException(values.length + " values for " + t);
        }
        t.write(values, values.length);
        return t;
    }

    /** Returns the tensor's block now. */
    public void release(Tensor tensor) {
        if (owned.remove(tensor.storage()) == null) {
            throw new IllegalArgumentException(tensor + " does not belong to this scope");
        }
        memory.give(tensor.storage());
    }

    /** True when this scope owns the tensor's block. */
    public boolean owns(Tensor tensor) {
        return owned.containsKey(tensor.storage());
    }

    /** Hands the tensor's block over to {@code other}, which must use the same memory. */
    public void transfer(Tensor tensor, TensorScope other) {
        if (other.memory != memory) {
            throw new IllegalArgumentException("the other scope uses other memory");
        }
        if (owned.remove(tensor.storage()) == null) {
            throw new IllegalArgumentException(tensor + " does not belong to this scope");
        }
        other.owned.put(tensor.storage(), Boolean.TRUE);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        within.forEach(TensorScope::close);
        List<Storage> all = new ArrayList<>(owned.keySet());
        owned.clear();
        for (Storage storage : all) {
            memory.give(storage);
        }
    }
}
