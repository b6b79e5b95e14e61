package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Tensor;

/**
 * The three products of a linear layer by oneDNN. Each member computes its own slice with {@link DnnlProducts} on its own thread.
 *
 * <p>Rows are taken in blocks of {@link #BLOCK}, then of multiples of {@link #GRAIN}, and what is left is padded with zeros to a
 * multiple of {@link #TAIL} rows: so few shapes occur, however long the sequences are, and making a primitive is dear. bfloat16 weights
 * are widened a block at a time, in forward by oneDNN itself where {@link NarrowWeights} finds that it gives the same bits.
 */
final class Products implements ThreadTeam.Task, AutoCloseable {
    private static final int BLOCK = 256;
    private static final int GRAIN = 32;
    private static final int TAIL = 8;
    /** Slices begin at multiples of so many columns. */
    private static final int SLICE = 16;
    /** Widened at a time: 1 MiB of float32. */
    private static final int WIDEN = 1 << 18;

    private enum Kind { FORWARD, INPUT_GRAD, WEIGHT_GRAD }

    private final ThreadTeam team;
    private final DnnlProducts[] dnnl;
    private final Scratch[] padded;
    private final Scratch[] result;
    private final Scratch[] widened;
    private Kind kind;
    private int rows;
    private int outputs;
    private int inputs;
    private long x;
    private long w;
    private long y;
    private long bias;
    private boolean half;
    private boolean direct;
    private boolean accumulate;

    Products(ThreadTeam team, Memory memory) {
        this.team = team;
        this.dnnl = new DnnlProducts[team.size()];
        for (int i = 0; i < dnnl.length; i++) {
            dnnl[i] = new DnnlProducts();
        }
        this.padded = Scratch.perMember(team, memory);
        this.result = Scratch.perMember(team, memory);
        this.widened = Scratch.perMember(team, memory);
    }

    /** y = x · wᵀ + bias. */
    void forward(Tensor in, Tensor weight, Tensor biasOrNull, Tensor out) {
        set(Kind.FORWARD, in, weight, out, weight);
        bias = biasOrNull == null ? 0 : Lanes.address(biasOrNull);
        start();
    }

    /** dx (+)= dy · w. */
    void inputGrad(Tensor dy, Tensor weight, Tensor dx, boolean add) {
        set(Kind.INPUT_GRAD, dx, weight, dy, weight);
        accumulate = add;
        start();
    }

    /** dw += dyᵀ · x, db += column sums of dy. */
    void weightGrad(Tensor dy, Tensor in, Tensor dw, Tensor dbOrNull) {
        set(Kind.WEIGHT_GRAD, in, dw, dy, dw);
        bias = dbOrNull == null ? 0 : Lanes.address(dbOrNull);
        start();
    }

    private void set(Kind newKind, Tensor in, Tensor weight, Tensor out, Tensor shape) {
        kind = newKind;
        rows = in.dim(0);
        outputs = shape.dim(0);
        inputs = shape.dim(1);
        x = Lanes.address(in);
        w = Lanes.address(weight);
        y = Lanes.address(out);
        half = weight.dtype() == DType.BF16;
        direct = half && newKind == Kind.FORWARD && outputs % SLICE == 0 && NarrowWeights.allowed();
        bias = 0;
        accumulate = false;
    }

    private void start() {
        if (rows == 0 || outputs == 0) {
            return;
        }
        if ((long) rows * outputs * inputs < 32 * 1024) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        int width = kind == Kind.INPUT_GRAD ? inputs : outputs;
        int from = bound(width, member, members);
        int to = bound(width, member + 1, members);
        if (from == to) {
            return;
        }
        switch (kind) {
            case FORWARD -> forward(member, from, to);
            case INPUT_GRAD -> inputGrad(member, from, to);
            case WEIGHT_GRAD -> weightGrad(member, from, to);
        }
    }

    private static int bound(int width, int member, int members) {
        if (member == members) {
            return width;
        }
        return (int) Math.min(width, ((long) width * member / members + SLICE - 1) / SLICE * SLICE);
    }

    private void forward(int member, int from, int to) {
        boolean widened = half && !direct;
        int step = widened ? Math.max(SLICE, WIDEN / inputs / SLICE * SLICE) : to - from;
        for (int n = from; n < to; n += step) {
            int count = Math.min(step, to - n);
            long weights = widened ? widen(member, n, 0, count, inputs) : w + (direct ? 2L : 4L) * n * inputs;
            rowBlocks(member, count, inputs, x, inputs, weights, 1, inputs, y + 4L * n, outputs, false);
        }
        if (bias != 0) {
            for (int row = 0; row < rows; row++) {
                Rows.addInPlace(y + 4L * ((long) row * outputs + from), bias + 4L * from, to - from);
            }
        }
    }

    private void inputGrad(int member, int from, int to) {
        int step = half ? Math.max(SLICE, WIDEN / (to - from) / SLICE * SLICE) : outputs;
        for (int n = 0; n < outputs; n += step) {
            int count = Math.min(step, outputs - n);
            long weights = half ? widen(member, n, from, count, to - from) : w + 4L * from;
            rowBlocks(member, to - from, count, y + 4L * n, outputs, weights, half ? to - from : inputs, 1, x + 4L * from, inputs,
                    accumulate || n > 0);
        }
    }

    /** A block of a bfloat16 weight as dense float32. */
    private long widen(int member, int row, int column, int height, int width) {
        long to = widened[member].floats((long) height * width);
        for (int r = 0; r < height; r++) {
            Casts.widen(w + 2L * ((long) (row + r) * inputs + column), to + 4L * r * width, width);
        }
        return to;
    }

    /** c[rows, n] (+)= a[rows, k] · b[k, n], in blocks of rows; strides in elements. */
    private void rowBlocks(int member, int n, int k, long a, long aRow, long b, long bStep, long bColumn, long c, long cRow, boolean add) {
        int row = 0;
        while (rows - row >= GRAIN) {
            int count = Math.min(BLOCK, (rows - row) / GRAIN * GRAIN);
            multiply(member, count, n, k, a + 4L * row * aRow, aRow, b, bStep, bColumn, c + 4L * row * cRow, cRow, add);
            row += count;
        }
        int rest = rows - row;
        if (rest == 0) {
            return;
        }
        int tail = (rest + TAIL - 1) / TAIL * TAIL;
        long in = padded[member].floats((long) GRAIN * k);
        long out = result[member].floats((long) GRAIN * n);
        for (int r = 0; r < rest; r++) {
            Lanes.copy(a + 4L * (row + r) * aRow, in + 4L * r * k, 4L * k);
        }
        Lanes.clear(in + 4L * rest * k, 4L * (tail - rest) * k);
        multiply(member, tail, n, k, in, k, b, bStep, bColumn, out, n, false);
        for (int r = 0; r < rest; r++) {
            long to = c + 4L * (row + r) * cRow;
            if (add) {
                Rows.addInPlace(to, out + 4L * r * n, n);
            } else {
                Lanes.copy(out + 4L * r * n, to, 4L * n);
            }
        }
    }

    /** One block; in forward, sums of more than {@link PanelKernels#CHAIN} products are cut here, not where oneDNN would. */
    private void multiply(int member, int m, int n, int k, long a, long aRow, long b, long bStep, long bColumn, long c, long cRow,
            boolean add) {
        int chain = kind == Kind.FORWARD ? PanelKernels.CHAIN : k;
        for (int from = 0; from < k; from += chain) {
            int depth = Math.min(chain, k - from);
            long weights = b + (direct ? 2L : 4L) * from * bStep;
            dnnl[member].multiply(m, n, depth, a + 4L * from, aRow, 1, weights, bStep, bColumn, direct ? Dnnl.BF16 : Dnnl.F32, c, cRow,
                    add || from > 0);
        }
    }

    /** Rows {@code from} to {@code to} of dw; the sum goes over blocks of rows of dy and x. */
    private void weightGrad(int member, int from, int to) {
        int n = to - from;
        long dw = w + 4L * from * inputs;
        int row = 0;
        while (rows - row >= GRAIN) {
            int count = Math.min(BLOCK, (rows - row) / GRAIN * GRAIN);
            dnnl[member].multiply(n, inputs, count, y + 4L * ((long) row * outputs + from), 1, outputs, x + 4L * row * inputs, inputs, 1,
                    Dnnl.F32, dw, inputs, true);
            row += count;
        }
        int rest = rows - row;
        if (rest > 0) {
            int tail = (rest + TAIL - 1) / TAIL * TAIL;
            long dy = padded[member].floats((long) GRAIN * n);
            long in = result[member].floats((long) GRAIN * inputs);
            for (int r = 0; r < rest; r++) {
                Lanes.copy(y + 4L * ((long) (row + r) * outputs + from), dy + 4L * r * n, 4L * n);
            }
            Lanes.copy(x + 4L * row * inputs, in, 4L * rest * inputs);
            Lanes.clear(dy + 4L * rest * n, 4L * (tail - rest) * n);
            Lanes.clear(in + 4L * rest * inputs, 4L * (tail - rest) * inputs);
            dnnl[member].multiply(n, inputs, tail, dy, 1, n, in, inputs, 1, Dnnl.F32, dw, inputs, true);
        }
        if (bias != 0) {
            for (int r = 0; r < rows; r++) {
                Rows.addInPlace(bias + 4L * from, y + 4L * ((long) r * outputs + from), n);
            }
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < dnnl.length; i++) {
            dnnl[i].close();
            padded[i].close();
            result[i].close();
            widened[i].close();
        }
    }
}
