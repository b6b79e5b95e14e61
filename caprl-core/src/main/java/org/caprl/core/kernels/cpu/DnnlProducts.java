package org.caprl.core.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Matrix products by oneDNN on one thread: the primitives that one member of the team has made so far, found by shape and strides.
 *
 * <p>oneDNN's own scratchpad belongs to the thread that made a primitive, so each member has its own set and makes them itself.
 */
final class DnnlProducts implements AutoCloseable {
    private static final int CAPACITY = 2048;

    private final Arena arena = Arena.ofShared();
    private final Product[] table = new Product[2 * CAPACITY];
    private int count;
    private long stream;

    private static final class Product {
        private int rows;
        private int columns;
        private int depth;
        private long aRow;
        private long aStep;
        private long bStep;
        private long bColumn;
        private int bType;
        private long cRow;
        private boolean accumulate;
        private long primitive;
        private long a;
        private long b;
        private long c;
        private long arguments;
    }

    /**
     * c[rows, columns] = a[rows, depth] · b[depth, columns], or added to c. Addresses point at the first elements; strides count elements:
     * {@code aRow} and {@code aStep} go down and along a, {@code bStep} and {@code bColumn} down and along b, {@code cRow} down c, whose
     * columns are adjacent. {@code bType} is {@link Dnnl#F32}, or {@link Dnnl#BF16} where {@link NarrowWeights} allows it.
     */
    void multiply(int rows, int columns, int depth, long a, long aRow, long aStep, long b, long bStep, long bColumn, int bType, long c,
            long cRow, boolean accumulate) {
        Product p = find(rows, columns, depth, aRow, aStep, bStep, bColumn, bType, cRow, accumulate);
        Dnnl.point(p.a, a);
        Dnnl.point(p.b, b);
        Dnnl.point(p.c, c);
        Dnnl.execute(p.primitive, stream, 3, p.arguments);
    }

    private Product find(int rows, int columns, int depth, long aRow, long aStep, long bStep, long bColumn, int bType, long cRow,
            boolean accumulate) {
        long hash = rows;
        hash = hash * 31 + columns;
        hash = hash * 31 + depth;
        hash = hash * 31 + aRow;
        hash = hash * 31 + bStep;
        hash = hash * 31 + bColumn;
        hash = hash * 31 + bType;
        hash = hash * 31 + cRow;
        hash = hash * 2 + (accumulate ? 1 : 0);
        hash *= 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 40) % table.length;
        while (table[slot] != null) {
            Product p = table[slot];
            if (p.rows == rows && p.columns == columns && p.depth == depth && p.aRow == aRow && p.aStep == aStep && p.bStep == bStep
                    && p.bColumn == bColumn && p.bType == bType && p.cRow == cRow && p.accumulate == accumulate) {
                return p;
            }
            slot = (slot + 1) % table.length;
        }
        if (count == CAPACITY) {
            clear();
            return find(rows, columns, depth, aRow, aStep, bStep, bColumn, bType, cRow, accumulate);
        }
        Product p = new Product();
        p.rows = rows;
        p.columns = columns;
        p.depth = depth;
        p.aRow = aRow;
        p.aStep = aStep;
        p.bStep = bStep;
        p.bColumn = bColumn;
        p.bType = bType;
        p.cRow = cRow;
        p.accumulate = accumulate;
        create(p);
        table[slot] = p;
        count++;
        return p;
    }

    private void create(Product p) {
        Dnnl.ompThreads(1);
        if (stream == 0) {
            stream = Dnnl.newStream();
        }
        long a = Dnnl.matrix(Dnnl.F32, p.rows, p.depth, p.aRow, p.aStep);
        long b = Dnnl.matrix(p.bType, p.depth, p.columns, p.bStep, p.bColumn);
        long c = Dnnl.matrix(Dnnl.F32, p.rows, p.columns, p.cRow, 1);
        p.primitive = Dnnl.matmul(a, b, c, p.accumulate);
        p.a = Dnnl.memory(a);
        p.b = Dnnl.memory(b);
        p.c = Dnnl.memory(c);
        Dnnl.freeMatrix(a);
        Dnnl.freeMatrix(b);
        Dnnl.freeMatrix(c);
        MemorySegment arguments = arena.allocate(48, 16);
        pair(arguments, 0, Dnnl.ARG_SRC, p.a);
        pair(arguments, 16, Dnnl.ARG_WEIGHTS, p.b);
        pair(arguments, 32, Dnnl.ARG_DST, p.c);
        p.arguments = arguments.address();
    }

    private static void pair(MemorySegment arguments, long offset, int argument, long memory) {
        arguments.set(ValueLayout.JAVA_INT, offset, argument);
        arguments.set(ValueLayout.JAVA_LONG, offset + 8, memory);
    }

    private void clear() {
        for (int i = 0; i < table.length; i++) {
            Product p = table[i];
            if (p != null) {
                Dnnl.freePrimitive(p.primitive);
                Dnnl.freeMemory(p.a);
                Dnnl.freeMemory(p.b);
                Dnnl.freeMemory(p.c);
                table[i] = null;
            }
        }
        count = 0;
    }

    @Override
    public void close() {
        clear();
        arena.close();
    }
}
