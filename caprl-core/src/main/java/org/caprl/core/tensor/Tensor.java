package org.caprl.core.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A dense, row-major array of numbers: dtype, shape, storage. It has no arithmetic of its own; {@link TensorOps} has.
 *
 * <p>Views ({@link #rows}, {@link #reshape}) share storage. Shapes are given outermost first; "rows" are indices of the first axis.
 *
 * <pre>{@code
 * Tensor x = scope.allocate(DType.F32, 4, 3);   // 4 rows of 3
 * Tensor y = x.rows(1, 3);                      // rows 1 and 2, shape [2, 3], same memory
 * }</pre>
 */
public final class Tensor {
    private final DType dtype;
    private final int[] shape;
    private final Storage storage;
    private final long offset;
    private final long size;
    private final Tensor root;
    private MemorySegment segment;
    private long version;
    private Object derived;
    private long derivedVersion = -1;

    /** A tensor over the start of a block. */
    public Tensor(DType dtype, Storage storage, int... shape) {
        this(dtype, storage, 0, shape, null);
    }

    private Tensor(DType dtype, Storage storage, long offset, int[] shape, Tensor root) {
        long n = 1;
        for (int s : shape) {
            if (s < 0) {
                throw new IllegalArgumentException("negative extent in shape " + Arrays.toString(shape));
            }
            n *= s;
        }
        if ((offset + n) * dtype.bytes() > storage.byteSize()) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " of " + dtype + " at element " + offset
                    + " does not fit into " + storage.byteSize() + " bytes");
        }
        this.dtype = dtype;
        this.shape = shape.clone();
        this.storage = storage;
        this.offset = offset;
        this.size = n;
        this.root = root;
    }

    /** Element type. */
    public DType dtype() {
        return dtype;
    }

    /** Number of axes. */
    public int rank() {
        return shape.length;
    }

    /** Extent of axis {@code axis}. */
    public int dim(int axis) {
        return shape[axis];
    }

    /** A copy of the shape. */
    public int[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public long size() {
        return size;
    }

    /** Extent of the first axis. */
    public int rowCount() {
        return shape[0];
    }

    /** Elements in one row: the product of all axes but the first. */
    public int columns() {
        return shape[0] == 0 ? tail() : Math.toIntExact(size / shape[0]);
    }

    private int tail() {
        int n = 1;
        for (int i = 1; i < shape.length; i++) {
            n *= shape[i];
        }
        return n;
    }

    /** True when shapes are equal. */
    public boolean sameShape(Tensor other) {
        return Arrays.equals(shape, other.shape);
    }

    /** The block that holds the elements. */
    public Storage storage() {
        return storage;
    }

    /** Index of the first element in the block. */
    public long offset() {
        return offset;
    }

    /** Size in bytes. */
    public long byteSize() {
        return size * dtype.bytes();
    }

    /**
     * This tensor's elements as host memory, exactly {@link #byteSize()} bytes long; no copy.
     *
     * @throws UnsupportedOperationException when the tensor lives on a device
     */
    public MemorySegment segment() {
        if (segment == null) {
            segment = storage.host().asSlice(offset * dtype.bytes(), byteSize());
        }
        return segment;
    }

    /** Whether {@link #segment()} works: the elements are host memory. */
    public boolean onHost() {
        return storage.onHost();
    }

    /** The elements as host memory, for reading: {@link #segment()} itself, or a copy of elements that live on a device. */
    public MemorySegment toHost() {
        if (onHost()) {
            return segment();
        }
        MemorySegment copy = Arena.ofAuto().allocate(byteSize(), dtype.bytes());
        storage.read(offset * dtype.bytes(), copy);
        return copy;
    }

    /** A copy of float32 elements in row-major order. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(size)];
        read(values, values.length);
        return values;
    }

    /** Copies the first {@code count} float32 elements. */
    public void read(float[] to, int count) {
        require(DType.F32, count);
        if (onHost()) {
            MemorySegment.copy(segment(), ValueLayout.JAVA_FLOAT, 0, to, 0, count);
        } else {
            storage.read(offset * dtype.bytes(), MemorySegment.ofArray(to).asSlice(0, 4L * count));
        }
    }

    /** Copies the first {@code count} int32 elements. */
    public void read(int[] to, int count) {
        require(DType.I32, count);
        if (onHost()) {
            MemorySegment.copy(segment(), ValueLayout.JAVA_INT, 0, to, 0, count);
        } else {
            storage.read(offset * dtype.bytes(), MemorySegment.ofArray(to).asSlice(0, 4L * count));
        }
    }

    /** Overwrites the first {@code count} int32 elements, which {@link #markWritten() marks} the tensor. */
    public void write(int[] values, int count) {
        require(DType.I32, count);
        if (onHost()) {
            MemorySegment.copy(values, 0, segment(), ValueLayout.JAVA_INT, 0, count);
        } else {
            storage.write(offset * dtype.bytes(), MemorySegment.ofArray(values).asSlice(0, 4L * count));
        }
        markWritten();
    }

    /** Overwrites the first {@code count} float32 elements, which {@link #markWritten() marks} the tensor. */
    public void write(float[] values, int count) {
        require(DType.F32, count);
        if (onHost()) {
            MemorySegment.copy(values, 0, segment(), ValueLayout.JAVA_FLOAT, 0, count);
        } else {
            storage.write(offset * dtype.bytes(), MemorySegment.ofArray(values).asSlice(0, 4L * count));
        }
        markWritten();
    }

    /**
     * Overwrites all elements: {@code writer} fills {@link #segment()}, or host memory that is then copied to the device. Marks the tensor
     * as {@link #markWritten() written}.
     */
    public void write(Consumer<MemorySegment> writer) {
        if (onHost()) {
            writer.accept(segment());
        } else {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment staged = arena.allocate(byteSize(), dtype.bytes());
                writer.accept(staged);
                storage.write(offset * dtype.bytes(), staged);
            }
        }
        markWritten();
    }

    private void require(DType expected, int count) {
        if (dtype != expected || count > size) {
            throw new IllegalArgumentException(count + " elements of " + expected + " of " + this);
        }
    }

    /** Rows {@code from} (inclusive) to {@code to} (exclusive), sharing memory. */
    public Tensor rows(int from, int to) {
        if (from < 0 || to < from || to > shape[0]) {
            throw new IndexOutOfBoundsException("rows " + from + ".." + to + " of shape " + Arrays.toString(shape));
        }
        int[] s = shape.clone();
        s[0] = to - from;
        return new Tensor(dtype, storage, offset + (long) from * columns(), s, rootTensor());
    }

    /** The same elements in another shape, sharing memory. */
    public Tensor reshape(int... newShape) {
        Tensor t = new Tensor(dtype, storage, offset, newShape, rootTensor());
        if (t.size != size) {
            throw new IllegalArgumentException("cannot reshape " + Arrays.toString(shape) + " to " + Arrays.toString(newShape));
        }
        return t;
    }

    private Tensor rootTensor() {
        return root == null ? this : root;
    }

    /**
     * Says that the elements were changed, so that what a backend derived from them (packed copies) is made anew. Backends call it
     * for parameters that they update; whoever writes into {@link #segment()} of a weight must call it too.
     */
    public void markWritten() {
        rootTensor().version++;
    }

    /** Grows with every {@link #markWritten()} of this tensor or of any view of the same root. */
    public long version() {
        return rootTensor().version;
    }

    /** What a backend derived from the current elements (see {@link #derive}), or null when there is nothing or it is out of date. */
    public Object derived() {
        return derivedVersion == version() ? derived : null;
    }

    /** Keeps something that a backend derived from the current elements, until they change. */
    public void derive(Object value) {
        this.derived = value;
        this.derivedVersion = version();
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
